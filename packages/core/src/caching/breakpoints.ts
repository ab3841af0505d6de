import type { Segment } from '../call/host.ts'

/** Below this no provider keeps a prefix; some models want more, and ignore the mark then. */
const MIN_TOKENS = 1_024
/** Before Claude 3.7, and but for the second 3.5 Haiku, Bedrock turns down a request that has a mark in it. */
const BEDROCK_WITHOUT = /claude-(?:instant|v|3-(?:haiku|sonnet|opus)|3-5-sonnet)/
const BEDROCK = /claude-|\bnova-/

/**
 * Whether a provider, by our id, keeps only a prefix that is marked: the others find a common one by themselves. Clouds go
 * by the house whose model it is.
 */
export function asksForBreakpoints(provider: string, model: string): boolean {
  if (provider === 'anthropic') return true
  if (provider === 'vertex') return model.includes('claude-')
  return provider === 'bedrock' && BEDROCK.test(model) && !BEDROCK_WITHOUT.test(model)
}

/**
 * Behind which segments a prefix ends that the next call of its kind will have too: the tools, and all the instructions.
 * A change of the instructions then leaves the tools where they are.
 *
 * @param tokensOf about how many tokens these segments are
 */
export function breakpoints(
  segments: readonly Segment[],
  tokensOf: (segments: readonly Segment[]) => number,
): number[] {
  const firstOther = segments.findIndex(({ role }) => role !== 'system')
  const ends = [
    segments.findLastIndex(({ kind }) => kind === 'tools'),
    (firstOther === -1 ? segments.length : firstOther) - 1,
  ]
  return [...new Set(ends)].filter(
    (end) =>
      end >= 0 &&
      // A schema is no place for a mark of its own.
      segments[end]!.kind !== 'schema' &&
      tokensOf(segments.slice(0, end + 1)) >= MIN_TOKENS,
  )
}

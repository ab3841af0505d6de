import type { Segment } from '../call/host.ts'

/** Below this no provider keeps a prefix; some models want more, and ignore the mark then. */
const MIN_TOKENS = 1_024
/** Of those who ask for breakpoints, by our ids: the others find a common prefix by themselves. */
const ASKING: ReadonlySet<string> = new Set(['anthropic'])

export function asksForBreakpoints(provider: string): boolean {
  return ASKING.has(provider)
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

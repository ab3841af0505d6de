/**
 * What a call used, in tokens. `inputTokens` is the total; cache reads and writes are parts of it, as reasoning
 * is of `outputTokens` (so the AI SDK 7, OpenTelemetry and genai-prices have it). A field that is not known is
 * absent: never 0, never NaN.
 */
export interface Usage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  /** Of the cache writes, those that are kept for an hour, which cost more (Anthropic). */
  readonly cacheWrite1hTokens?: number
  readonly reasoningTokens?: number
  /** What the answer was served as, in the provider's word for it: `flex`, `priority`, `batch`. It is billed by that. */
  readonly serviceTier?: string
}

const FIELDS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
] as const

const LONGEST_TIER = 64

/** Whether enough is known to bill by. Input alone does: an embedding has no output. */
export function isKnown(usage: Usage | undefined): usage is Usage {
  return usage?.inputTokens !== undefined
}

/** The usage without what is no count, and no word. Field by field, since each call is cleaned once or twice. */
export function cleanUsage(usage: Usage): Usage {
  const clean: { -readonly [K in keyof Usage]: Usage[K] } = {}
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage
  const { reasoningTokens, serviceTier } = usage
  if (isCount(inputTokens)) clean.inputTokens = inputTokens
  if (isCount(outputTokens)) clean.outputTokens = outputTokens
  if (isCount(cacheReadTokens)) clean.cacheReadTokens = cacheReadTokens
  if (isCount(cacheWriteTokens)) clean.cacheWriteTokens = cacheWriteTokens
  if (isCount(cacheWrite1hTokens)) clean.cacheWrite1hTokens = cacheWrite1hTokens
  if (isCount(reasoningTokens)) clean.reasoningTokens = reasoningTokens
  if (typeof serviceTier === 'string' && serviceTier !== '')
    clean.serviceTier = serviceTier.slice(0, LONGEST_TIER)
  return clean
}

/** Both together; a field that only one of them knows is as that one says. Of two service tiers none is kept. */
export function addUsage(one: Usage, other: Usage): Usage {
  const sum: Record<string, number | string> = {}
  for (const name of FIELDS) {
    if (one[name] !== undefined || other[name] !== undefined)
      sum[name] = (one[name] ?? 0) + (other[name] ?? 0)
  }
  const tier = one.serviceTier ?? other.serviceTier
  if (tier !== undefined && (other.serviceTier ?? tier) === tier) sum['serviceTier'] = tier
  return sum
}

/** A token count as a provider reported it, or `undefined` when it is not a count at all. */
export function tokenCount(value: unknown): number | undefined {
  return isCount(value) ? value : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}

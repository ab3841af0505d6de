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
  readonly reasoningTokens?: number
}

/** Whether enough is known to bill by. Input alone does: an embedding has no output. */
export function isKnown(usage: Usage | undefined): usage is Usage {
  return usage?.inputTokens !== undefined
}

/** A token count as a provider reported it, or `undefined` when it is not a count at all. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Finish, Usage } from '@plimsoll/core'

/** What is known of the usage; `undefined` when that is nothing. A provider may send no usage, or NaN. */
export function usageOf(usage: LanguageModelV4Usage | undefined): Usage | undefined {
  return known({
    inputTokens: usage?.inputTokens?.total,
    outputTokens: usage?.outputTokens?.total,
    cacheReadTokens: usage?.inputTokens?.cacheRead,
    cacheWriteTokens: usage?.inputTokens?.cacheWrite,
    reasoningTokens: usage?.outputTokens?.reasoning,
  })
}

export function embeddingUsageOf(usage: { tokens: number } | undefined): Usage | undefined {
  return known({ inputTokens: usage?.tokens })
}

function known(counts: { readonly [K in keyof Usage]: number | undefined }): Usage | undefined {
  const entries = Object.entries(counts).filter(([, count]) => Number.isFinite(count) && Number(count) >= 0)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const FINISHES: ReadonlySet<string> = new Set<Finish>([
  'stop',
  'length',
  'content-filter',
  'tool-calls',
  'error',
  'interrupted',
  'other',
])

export function finishOf(reason: LanguageModelV4FinishReason | undefined): Finish {
  const unified = reason?.unified
  return unified !== undefined && FINISHES.has(unified) ? unified : 'other'
}

import type {
  LanguageModelV4FinishReason,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { Finish, Usage } from '@plimsoll/core'
import { isFields } from './plain.ts'

/** Where an answer may say what it used. */
export interface Answered {
  readonly usage: LanguageModelV4Usage | undefined
  readonly providerMetadata?: SharedV4ProviderMetadata | undefined
  /** Of the response, as the provider sent it. */
  readonly body?: unknown
}

/** What is known of the usage; `undefined` when that is nothing. A provider may send no usage, or NaN. */
export function usageOf({ usage, providerMetadata, body }: Answered): Usage | undefined {
  const counts = known({
    inputTokens: usage?.inputTokens?.total,
    outputTokens: usage?.outputTokens?.total,
    cacheReadTokens: usage?.inputTokens?.cacheRead,
    cacheWriteTokens: usage?.inputTokens?.cacheWrite,
    cacheWrite1hTokens: writtenForAnHour(usage?.raw),
    reasoningTokens: usage?.outputTokens?.reasoning,
  })
  const serviceTier = serviceTierOf(usage?.raw, Object.values(providerMetadata ?? {}), body)
  return counts === undefined || serviceTier === undefined ? counts : { ...counts, serviceTier }
}

export function embeddingUsageOf(usage: { tokens: number } | undefined): Usage | undefined {
  return known({ inputTokens: usage?.tokens })
}

type Counts = Omit<Usage, 'serviceTier'>

function known(counts: { readonly [K in keyof Counts]: unknown }): Usage | undefined {
  const entries = Object.entries(counts).filter(([, count]) => Number.isFinite(count) && Number(count) >= 0)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** Anthropic tells in its own usage for how long it keeps what was written to the cache; the AI SDK adds it up. */
function writtenForAnHour(raw: unknown): unknown {
  const written = isFields(raw) ? raw['cache_creation'] : undefined
  return isFields(written) ? written['ephemeral_1h_input_tokens'] : undefined
}

/**
 * As what the answer was served. It is in the usage (Anthropic), in a provider's metadata (OpenAI's Responses), or only in
 * the body (OpenAI's chat completions, which streams do not show).
 */
function serviceTierOf(raw: unknown, metadata: readonly unknown[], body: unknown): string | undefined {
  const said = [raw, ...metadata, body].flatMap((place) =>
    isFields(place) ? [place['service_tier'], place['serviceTier']] : [],
  )
  return said.find((tier): tier is string => typeof tier === 'string' && tier !== '')
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

import type { Usage } from '../call/usage.ts'
import { tokenCount } from '../call/usage.ts'

type Fields = Readonly<Record<string, unknown>>
/** A field's name, and the name of one inside of it. */
type Path = readonly [name: string, inner?: string]

/** Where each count stands, by provider and toolkit; the first that is a count is it. */
const PATHS = {
  input: [
    ['inputTokens'],
    ['inputTokens', 'total'],
    ['input_tokens'],
    ['prompt_tokens'],
    ['promptTokenCount'],
    ['tokens'],
  ],
  output: [
    ['outputTokens'],
    ['outputTokens', 'total'],
    ['output_tokens'],
    ['completion_tokens'],
    ['candidatesTokenCount'],
  ],
  cacheRead: [
    ['cache_read_input_tokens'],
    ['cacheReadInputTokens'],
    ['prompt_tokens_details', 'cached_tokens'],
    ['input_tokens_details', 'cached_tokens'],
    ['input_token_details', 'cache_read'],
    ['inputTokenDetails', 'cacheReadTokens'],
    ['inputTokens', 'cacheRead'],
    ['cachedInputTokens'],
    ['cachedContentTokenCount'],
  ],
  cacheWrite: [
    ['cache_creation_input_tokens'],
    ['cacheWriteInputTokens'],
    ['input_token_details', 'cache_creation'],
    ['inputTokenDetails', 'cacheWriteTokens'],
    ['inputTokens', 'cacheWrite'],
  ],
  cacheWrite1h: [['cache_creation', 'ephemeral_1h_input_tokens']],
  reasoning: [
    ['completion_tokens_details', 'reasoning_tokens'],
    ['output_tokens_details', 'reasoning_tokens'],
    ['output_token_details', 'reasoning'],
    ['outputTokens', 'reasoning'],
    ['reasoningTokens'],
    ['thoughtsTokenCount'],
  ],
} as const satisfies Record<string, readonly Path[]>

/** What may stand in a field, by its place in `PATHS`, and how many of the paths to it go before this one. */
interface Place {
  readonly count: number
  readonly rank: number
  readonly inner: string | undefined
}

/** By field: an answer has a few of those that there are, and is read for every call. */
const PLACES = new Map<string, Place[]>()
for (const [count, paths] of Object.values<readonly Path[]>(PATHS).entries()) {
  for (const [rank, [name, inner]] of paths.entries()) {
    const places = PLACES.get(name) ?? []
    PLACES.set(name, [...places, { count, rank, inner }])
  }
}

/** Anthropic and Bedrock leave cache reads and writes out of their input; all others have them in it. */
const APART: ReadonlySet<string> = new Set([
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cacheReadInputTokens',
  'cacheWriteInputTokens',
])

/**
 * Reads the usage from an answer, in the shapes that providers and toolkits give: OpenAI (chat, responses, embeddings),
 * Anthropic, Gemini, Bedrock, the AI SDK and LangChain. `undefined` when there is none.
 */
export function usageOf(answer: unknown): Usage | undefined {
  try {
    return find(answer)
  } catch {
    // An answer may be anything, a proxy that throws included.
    return undefined
  }
}

function find(answer: unknown): Usage | undefined {
  const fields = fieldsOf(answer)
  if (fields === undefined) return undefined
  return (
    readUsage(fields['usage'], fields) ??
    readUsage(fields['usageMetadata'], fields) ??
    readUsage(fields['usage_metadata'], fields) ??
    ofResponse(fieldsOf(fields['response'])) ??
    readUsage(fields, fields)
  )
}

function ofResponse(response: Fields | undefined): Usage | undefined {
  return response && readUsage(response['usage'], response)
}

function readUsage(given: unknown, answer: Fields): Usage | undefined {
  const usage = fieldsOf(given)
  if (usage === undefined) return undefined
  // By number, in the order of `PATHS`: each call there is has its usage read.
  const counts: (number | undefined)[] = [undefined, undefined, undefined, undefined, undefined, undefined]
  const ranks = [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity]
  let isApart = false
  for (const name in usage) {
    const places = PLACES.get(name)
    if (places === undefined) continue
    const value = usage[name]
    for (const { count, rank, inner } of places) {
      const read = tokenCount(inner === undefined ? value : fieldsOf(value)?.[inner])
      if (read === undefined || rank > ranks[count]!) continue
      counts[count] = read
      ranks[count] = rank
    }
    isApart ||= APART.has(name) && tokenCount(value) !== undefined
  }
  const [input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning] = counts
  if (input === undefined) return undefined
  const read: { -readonly [K in keyof Usage]: Usage[K] } = {
    inputTokens: isApart ? input + (cacheRead ?? 0) + (cacheWrite ?? 0) : input,
  }
  if (output !== undefined) read.outputTokens = output + thoughtBeside(usage)
  if (cacheRead !== undefined) read.cacheReadTokens = cacheRead
  if (cacheWrite !== undefined) read.cacheWriteTokens = cacheWrite
  if (cacheWrite1h !== undefined) read.cacheWrite1hTokens = cacheWrite1h
  if (reasoning !== undefined) read.reasoningTokens = reasoning
  const tier = text(usage['service_tier']) ?? text(answer['service_tier'])
  if (tier !== undefined) read.serviceTier = tier
  return read
}

/** Gemini reports what it thought beside what it said. */
function thoughtBeside(usage: Fields): number {
  if (tokenCount(usage['candidatesTokenCount']) === undefined) return 0
  return tokenCount(usage['thoughtsTokenCount']) ?? 0
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

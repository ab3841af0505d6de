import type { Usage } from '../call/usage.ts'
import { tokenCount } from '../call/usage.ts'

type Fields = Readonly<Record<string, unknown>>
/** A field's name, and the name of one inside of it. */
type Path = readonly [name: string, inner?: string]

/** Where each count stands, by provider and toolkit; the first that is a count is it. */
const INPUT: readonly Path[] = [
  ['inputTokens'],
  ['inputTokens', 'total'],
  ['input_tokens'],
  ['prompt_tokens'],
  ['promptTokenCount'],
  ['tokens'],
]
const OUTPUT: readonly Path[] = [
  ['outputTokens'],
  ['outputTokens', 'total'],
  ['output_tokens'],
  ['completion_tokens'],
  ['candidatesTokenCount'],
]
const CACHE_READ: readonly Path[] = [
  ['cache_read_input_tokens'],
  ['cacheReadInputTokens'],
  ['prompt_tokens_details', 'cached_tokens'],
  ['input_tokens_details', 'cached_tokens'],
  ['input_token_details', 'cache_read'],
  ['inputTokenDetails', 'cacheReadTokens'],
  ['inputTokens', 'cacheRead'],
  ['cachedInputTokens'],
  ['cachedContentTokenCount'],
]
const CACHE_WRITE: readonly Path[] = [
  ['cache_creation_input_tokens'],
  ['cacheWriteInputTokens'],
  ['input_token_details', 'cache_creation'],
  ['inputTokenDetails', 'cacheWriteTokens'],
  ['inputTokens', 'cacheWrite'],
]
const CACHE_WRITE_1H: readonly Path[] = [['cache_creation', 'ephemeral_1h_input_tokens']]
const REASONING: readonly Path[] = [
  ['completion_tokens_details', 'reasoning_tokens'],
  ['output_tokens_details', 'reasoning_tokens'],
  ['output_token_details', 'reasoning'],
  ['outputTokens', 'reasoning'],
  ['reasoningTokens'],
  ['thoughtsTokenCount'],
]
/** Anthropic and Bedrock leave cache reads and writes out of their input; all others have them in it. */
const APART = [
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cacheReadInputTokens',
  'cacheWriteInputTokens',
] as const

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
  const input = count(usage, INPUT)
  if (input === undefined) return undefined
  const cacheRead = count(usage, CACHE_READ)
  const cacheWrite = count(usage, CACHE_WRITE)
  const isApart = APART.some((name) => tokenCount(usage[name]) !== undefined)
  return known({
    inputTokens: isApart ? input + (cacheRead ?? 0) + (cacheWrite ?? 0) : input,
    outputTokens: outputOf(usage),
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    cacheWrite1hTokens: count(usage, CACHE_WRITE_1H),
    reasoningTokens: count(usage, REASONING),
    serviceTier: text(usage['service_tier']) ?? text(answer['service_tier']),
  })
}

/** Gemini reports what it thought beside what it said. */
function outputOf(usage: Fields): number | undefined {
  const said = count(usage, OUTPUT)
  if (said === undefined || tokenCount(usage['candidatesTokenCount']) === undefined) return said
  return said + (tokenCount(usage['thoughtsTokenCount']) ?? 0)
}

function known(fields: { readonly [K in keyof Usage]: Usage[K] | undefined }): Usage {
  const usage: Record<string, number | string> = {}
  for (const name in fields) {
    const value = fields[name as keyof Usage]
    if (value !== undefined) usage[name] = value
  }
  return usage
}

function count(usage: Fields, paths: readonly Path[]): number | undefined {
  for (const [name, inner] of paths) {
    const value = usage[name]
    const read = tokenCount(inner === undefined ? value : fieldsOf(value)?.[inner])
    if (read !== undefined) return read
  }
  return undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

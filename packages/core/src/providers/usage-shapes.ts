import type { Usage } from '../call/usage.ts'
import { tokenCount } from '../call/usage.ts'

type Fields = Readonly<Record<string, unknown>>

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
  const candidates = [
    fields?.['usage'],
    fields?.['usageMetadata'],
    fields?.['usage_metadata'],
    fieldsOf(fields?.['response'])?.['usage'],
    fields,
  ]
  for (const candidate of candidates) {
    const usage = fieldsOf(candidate)
    const read = usage && readUsage(usage)
    if (read !== undefined) return read
  }
  return undefined
}

function readUsage(usage: Fields): Usage | undefined {
  // Anthropic and Bedrock leave cache reads and writes out of their input; all others have them in it.
  const apart = [
    'cache_read_input_tokens',
    'cache_creation_input_tokens',
    'cacheReadInputTokens',
    'cacheWriteInputTokens',
  ]
  const isApart = apart.some((name) => tokenCount(usage[name]) !== undefined)
  const cacheReadTokens = count(
    usage,
    'cache_read_input_tokens',
    'cacheReadInputTokens',
    'prompt_tokens_details.cached_tokens',
    'input_tokens_details.cached_tokens',
    'input_token_details.cache_read',
    'inputTokenDetails.cacheReadTokens',
    'inputTokens.cacheRead',
    'cachedInputTokens',
    'cachedContentTokenCount',
  )
  const cacheWriteTokens = count(
    usage,
    'cache_creation_input_tokens',
    'cacheWriteInputTokens',
    'input_token_details.cache_creation',
    'inputTokenDetails.cacheWriteTokens',
    'inputTokens.cacheWrite',
  )
  const input = count(
    usage,
    'inputTokens',
    'inputTokens.total',
    'input_tokens',
    'prompt_tokens',
    'promptTokenCount',
    'tokens',
  )
  // Gemini reports what it thought beside what it said.
  const thoughts =
    tokenCount(usage['candidatesTokenCount']) === undefined
      ? undefined
      : tokenCount(usage['thoughtsTokenCount'])
  const said = count(
    usage,
    'outputTokens',
    'outputTokens.total',
    'output_tokens',
    'completion_tokens',
    'candidatesTokenCount',
  )
  const outputTokens = said === undefined ? undefined : said + (thoughts ?? 0)
  const reasoningTokens = count(
    usage,
    'completion_tokens_details.reasoning_tokens',
    'output_tokens_details.reasoning_tokens',
    'output_token_details.reasoning',
    'outputTokens.reasoning',
    'reasoningTokens',
    'thoughtsTokenCount',
  )
  if (input === undefined) return undefined
  const inputTokens = isApart ? input + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) : input
  return {
    inputTokens,
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  }
}

function count(usage: Fields, ...paths: string[]): number | undefined {
  for (const path of paths) {
    const [name, inner] = path.split('.') as [string, string | undefined]
    const value = inner === undefined ? usage[name] : fieldsOf(usage[name])?.[inner]
    const read = tokenCount(value)
    if (read !== undefined) return read
  }
  return undefined
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

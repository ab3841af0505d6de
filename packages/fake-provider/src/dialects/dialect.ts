import type { Answer } from '../answer/answer.ts'
import type { Fields } from '../checks.ts'
import type { ApiError } from '../http/api-error.ts'
import type { Model } from '../model.ts'
import type { Caching } from '../prompt/cache-use.ts'
import type { Prompt } from '../prompt/prompt.ts'

/** A chat request, whichever API it came by. */
export interface ChatRequest {
  prompt: Prompt
  caching: Caching
  stream: boolean
  includeUsage: boolean
  maxTokens: number | undefined
  hasTools: boolean
  /** The tool that `tool_choice` demands, with the least arguments its schema allows. */
  forcedTool: { name: string; arguments: string } | undefined
  /** The body to answer with when a JSON format is asked for. */
  json: string | undefined
  /** What the answer says it was served as. */
  serviceTier: string
  /** Fields of the request that the answer repeats. */
  echo: Fields
}

export interface Usage {
  prompt: number
  /** Of the prompt: read from the cache. */
  cached: number
  /** Of the prompt: written to the cache (Anthropic). */
  written: number
  /** Of `written`: for an hour. */
  writtenForAnHour: number
  completion: number
}

/** All that is needed to write an answer down. */
export interface Reply extends Pick<ChatRequest, 'includeUsage' | 'serviceTier' | 'echo'> {
  requestId: string
  model: string
  createdMs: number
  answer: Answer
  /** Undefined when it is to be left out, as a fault. */
  usage: Usage | undefined
}

/** An answer as server-sent events, each written once and in this order. */
export interface StreamFormat {
  /** Before any content; any number of them. */
  keepAlive(): string
  open(): string
  piece(text: string): string
  close(): string
  /** In place of all that is still to come. */
  error(): string
}

/** What differs between the APIs: names, shapes and headers. Never limits, times or faults. */
export interface Dialect {
  requestIdHeader: string
  parse(body: Fields, model: string): ChatRequest
  complete(reply: Reply): unknown
  stream(reply: Reply): StreamFormat
  limitHeaders(model: Model, now: number): Record<string, string>
  error(error: ApiError, context: { model: string; requestId: string }): WrittenError
}

export interface WrittenError {
  status: number
  headers: Record<string, string>
  body: unknown
}

import type { Answer } from '../answer/answer.ts'
import type { Fields } from '../checks.ts'
import type { ApiError } from '../http/api-error.ts'
import type { Model } from '../model.ts'
import type { Prefix, Prompt } from '../prompt/prompt.ts'

/** A chat request, whichever API it came by. */
export interface ChatRequest {
  prompt: Prompt
  /** The prefixes that a prompt cache may know: any for OpenAI, those marked for Anthropic. */
  cacheable: Prefix[]
  stream: boolean
  includeUsage: boolean
  maxTokens: number | undefined
  hasTools: boolean
  /** The tool that `tool_choice` demands, with the least arguments its schema allows. */
  forcedTool: { name: string; arguments: string } | undefined
  /** The body to answer with when a JSON format is asked for. */
  json: string | undefined
}

export interface Usage {
  prompt: number
  /** Of the prompt: read from the cache. */
  cached: number
  /** Of the prompt: written to the cache (Anthropic). */
  written: number
  completion: number
}

/** All that is needed to write an answer down. */
export interface Reply {
  requestId: string
  model: string
  createdMs: number
  answer: Answer
  /** Undefined when it is to be left out, as a fault. */
  usage: Usage | undefined
  includeUsage: boolean
}

/** An answer as server-sent events. */
export interface StreamFormat {
  open(): string
  piece(text: string): string
  close(): string
  error(): string
  keepAlive: string
}

/** What differs between the two APIs: names, shapes and headers. Never limits, times or faults. */
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

import type { BaseMessage } from '@langchain/core/messages'
import { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import type { ChatGeneration, ChatResult } from '@langchain/core/outputs'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { isFields } from './request.ts'
import type { Fields } from './request.ts'

/** JSON-safe data: bytes as base64; functions and what is undefined are left out. */
export function toPlain(value: unknown): unknown {
  const text = JSON.stringify(value, (_name, entry: unknown) => {
    if (entry instanceof Uint8Array) return Buffer.from(entry).toString('base64')
    return typeof entry === 'bigint' ? entry.toString() : entry
  })
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

/** A copy of data that shares nothing that can be changed; what cannot be copied is handed on as it is. */
export function deepCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map((entry: unknown) => deepCopy(entry)) as T
  if (value instanceof Uint8Array || value instanceof Date) return structuredClone(value)
  if (!isFields(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, deepCopy(field)])) as T
}

const FIELDS = [
  'content',
  'additional_kwargs',
  'response_metadata',
  'name',
  'id',
  'usage_metadata',
  'tool_calls',
  'invalid_tool_calls',
  'tool_call_chunks',
] as const

/** All that makes up an answer's message; of a chunk only the pieces of calls, which it puts together itself. */
function fieldsOf(message: BaseMessage): Fields {
  const isChunk = AIMessageChunk.isInstance(message)
  return Object.fromEntries(
    FIELDS.flatMap((name) => {
      if (isChunk && (name === 'tool_calls' || name === 'invalid_tool_calls')) return []
      const value = (message as unknown as Fields)[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

export function copyMessage<M extends BaseMessage>(message: M): M {
  const fields = deepCopy(fieldsOf(message)) as never
  return (AIMessageChunk.isInstance(message)
    ? new AIMessageChunk(fields)
    : new AIMessage(fields)) as unknown as M
}

export function copyChunk({ message, text, generationInfo }: ChatGenerationChunk): ChatGenerationChunk {
  const info = generationInfo === undefined ? {} : { generationInfo: deepCopy(generationInfo) }
  return new ChatGenerationChunk({ message: copyMessage(message), text, ...info })
}

export function encodeChunk({ message, text, generationInfo }: ChatGenerationChunk): unknown {
  return toPlain({ message: fieldsOf(message), text, generationInfo })
}

export function decodeChunk(data: unknown): ChatGenerationChunk {
  const { message, text, generationInfo } = data as Stored
  const info = generationInfo === undefined ? {} : { generationInfo }
  return new ChatGenerationChunk({ message: new AIMessageChunk(message), text, ...info })
}

export function copyResult({ generations, llmOutput }: ChatResult): ChatResult {
  return {
    generations: generations.map(({ message, text, generationInfo }): ChatGeneration => ({
      message: copyMessage(message),
      text,
      ...(generationInfo === undefined ? {} : { generationInfo: deepCopy(generationInfo) }),
    })),
    ...(llmOutput === undefined ? {} : { llmOutput: deepCopy(llmOutput) }),
  }
}

export function encodeResult({ generations, llmOutput }: ChatResult): unknown {
  const stored = generations.map(({ message, text, generationInfo }) => ({
    message: fieldsOf(message),
    isChunk: AIMessageChunk.isInstance(message),
    text,
    generationInfo,
  }))
  return toPlain({ generations: stored, llmOutput })
}

export function decodeResult(data: unknown): ChatResult {
  const { generations, llmOutput } = data as {
    generations: readonly (Stored & { isChunk: boolean })[]
    llmOutput?: Record<string, unknown>
  }
  return {
    generations: generations.map(({ message, isChunk, text, generationInfo }) => ({
      message: isChunk ? new AIMessageChunk(message) : new AIMessage(message),
      text,
      ...(generationInfo === undefined ? {} : { generationInfo }),
    })),
    ...(llmOutput === undefined ? {} : { llmOutput }),
  }
}

interface Stored {
  readonly message: never
  readonly text: string
  readonly generationInfo?: Record<string, unknown>
}

import type { BaseMessage } from '@langchain/core/messages'
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs'
import type { PartInfo } from '@plimsoll/core'
import { blocksOf, textOf, toolCallsOf } from './message.ts'
import { isFields } from './request.ts'
import { finishOf, usageOf } from './usage.ts'

/** What a whole answer says of itself. */
export function resultInfo({ generations, llmOutput }: ChatResult): PartInfo {
  const [first] = generations
  if (first === undefined) return { content: true }
  const { message, generationInfo } = first
  const finish = finishOf(generationInfo, message.response_metadata, message.additional_kwargs, llmOutput)
  const usage = usageOfMessage(message, llmOutput)
  const bytes = generations.reduce((sum, generation) => sum + bytesOf(generation.message), 0)
  return {
    content: true,
    bytes,
    ...(finish === undefined ? {} : { finish }),
    ...(usage === undefined ? {} : { usage }),
  }
}

/** The same of one chunk of a stream. When it ends is known only after the last: usage may follow the reason. */
export function chunkInfo({ message, generationInfo }: ChatGenerationChunk): PartInfo {
  const bytes = bytesOf(message)
  const finish = finishOf(generationInfo, message.response_metadata, message.additional_kwargs)
  const usage = usageOfMessage(message, generationInfo)
  const hasContent = bytes > 0 || blocksOf(message).some(({ type }) => /image|audio|video|file/.test(type))
  return {
    ...(hasContent ? { content: true } : {}),
    ...(bytes > 0 ? { bytes } : {}),
    ...(finish === undefined ? {} : { finish }),
    ...(usage === undefined ? {} : { usage }),
  }
}

export function usageOfMessage(message: BaseMessage, beside?: unknown): PartInfo['usage'] {
  const { usage_metadata: counts } = message as { usage_metadata?: unknown }
  return usageOf(counts, { ...(isFields(beside) ? beside : {}), ...message.response_metadata })
}

/** About how many bytes of answer a message carries: text, reasoning, the input of tools. */
function bytesOf(message: BaseMessage): number {
  const { tool_call_chunks: chunks, additional_kwargs: more } = message as unknown as Partial<Carrying>
  let bytes = 0
  for (const block of blocksOf(message)) bytes += Buffer.byteLength(textOf(block) ?? '')
  const reasoning = more?.['reasoning_content']
  if (typeof reasoning === 'string') bytes += Buffer.byteLength(reasoning)
  if (Array.isArray(chunks) && chunks.length > 0) {
    for (const { name, args } of chunks) bytes += Buffer.byteLength(`${name ?? ''}${args ?? ''}`)
    return bytes
  }
  for (const { name, args } of toolCallsOf(message))
    bytes += Buffer.byteLength(`${name}${JSON.stringify(args) ?? ''}`)
  return bytes
}

interface Carrying {
  readonly tool_call_chunks: readonly { readonly name?: string; readonly args?: string }[]
  readonly additional_kwargs: Readonly<Record<string, unknown>>
}

import { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import type { AIMessageChunkFields, AIMessageFields } from '@langchain/core/messages'
import { forcedToolOf } from './asked-object.ts'
import type { Block } from './message.ts'
import type { Fields } from './request.ts'

const NO_USAGE = { input_tokens: 0, output_tokens: 0, total_tokens: 0 }

/** An answer that no model gave: a text, or an object in the form that whoever asked for one will look for. */
function fieldsOf(params: Fields, text: string, object: unknown): ReplyFields {
  const tool = object === undefined ? undefined : forcedToolOf(params)
  const beside = { usage_metadata: NO_USAGE, response_metadata: { finish_reason: 'stop' } }
  if (tool === undefined) return { content: object === undefined ? text : JSON.stringify(object), ...beside }
  const call = {
    name: tool.name,
    args: object as Record<string, unknown>,
    id: 'plimsoll',
    type: 'tool_call' as const,
  }
  const { id, name, args: input } = call
  const content = tool.inContent ? [{ type: 'tool_use', id, name, input }] : ''
  return { content, tool_calls: [call], ...beside }
}

interface ReplyFields {
  content: string | Block[]
  tool_calls?: { name: string; args: Record<string, unknown>; id: string; type: 'tool_call' }[]
  usage_metadata: typeof NO_USAGE
  response_metadata: Record<string, unknown>
}

export function messageOf(params: Fields, text: string, object: unknown): AIMessage {
  return new AIMessage(fieldsOf(params, text, object) as AIMessageFields)
}

export function messageChunkOf(params: Fields, text: string, object: unknown): AIMessageChunk {
  const { tool_calls: calls, ...fields } = fieldsOf(params, text, object)
  const chunks = calls?.map(({ name, args, id }, index) => ({
    name,
    args: JSON.stringify(args),
    id,
    index,
    type: 'tool_call_chunk' as const,
  }))
  const all = { ...fields, ...(chunks === undefined ? {} : { tool_call_chunks: chunks }) }
  return new AIMessageChunk(all as AIMessageChunkFields)
}

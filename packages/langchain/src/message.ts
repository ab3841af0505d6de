import type { BaseMessage } from '@langchain/core/messages'
import { isFields } from './request.ts'
import type { Fields } from './request.ts'

/** A part of a message's content that is no plain text. */
export type Block = Fields & { readonly type: string }

export interface ToolCall {
  readonly name: string
  readonly args: unknown
  readonly id: string | undefined
}

/** What is read of an answer, whole or in pieces. */
export interface ReadMessage {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
}

/** The content as blocks; a text is one of them. */
export function blocksOf({ content }: Pick<BaseMessage, 'content'>): readonly Block[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) return []
  const blocks: readonly unknown[] = content
  return blocks.filter((block): block is Block => isFields(block) && typeof block['type'] === 'string')
}

/** The text of a block, reasoning included; `undefined` for what has none. */
export function textOf(block: Block): string | undefined {
  const text = block['text'] ?? block['thinking'] ?? block['reasoning']
  return typeof text === 'string' ? text : undefined
}

export function toolCallsOf(message: BaseMessage): readonly ToolCall[] {
  const { tool_calls: calls } = message as { tool_calls?: readonly ToolCall[] }
  return Array.isArray(calls) ? calls : []
}

export function readMessage(message: BaseMessage): ReadMessage {
  const texts = blocksOf(message).map((block) => (block.type === 'text' ? (textOf(block) ?? '') : ''))
  return { text: texts.join(''), toolCalls: toolCallsOf(message) }
}

/** The message with other fields, of the same class; the original is left as it was. */
export function changedMessage<M extends BaseMessage>(message: M, fields: Fields): M {
  const make = message.constructor as new (fields: Fields) => M
  return new make({ ...message, ...fields })
}

import type { BaseMessage } from '@langchain/core/messages'
import type { Segment } from '@plimsoll/core'
import { blocksOf, changedMessage, textOf, toolCallsOf } from './message.ts'
import type { Block } from './message.ts'
import { placeOf } from './place.ts'
import type { ChatRequest } from './request.ts'
import { placeIn, placeOfCall, readBlock } from './segments.ts'

/** The request with only these segments of it. Tools, schema and what is no segment stay as they are. */
export function withSegments(request: ChatRequest, segments: readonly Segment[]): ChatRequest {
  const kept = new Map(segments.map((segment) => [placeOf(segment), segment]))
  const messages = request.messages.flatMap((message, index) => changed(message, index, kept))
  return { ...request, messages }
}

function changed(message: BaseMessage, index: number, kept: ReadonlyMap<string, Segment>): BaseMessage[] {
  const before = blocksOf(message)
  const callsBefore = toolCallsOf(message)
  const calls = callsBefore.filter((_, callIndex) => kept.has(placeOfCall(index, callIndex)))
  const gone = new Set(callsBefore.filter((call) => !calls.includes(call)).map(({ id }) => id))
  const blocks = before.flatMap((block, blockIndex): Block[] => {
    const read = readBlock(block, message)
    // Some providers have a call in the content as well.
    if (read === undefined) return typeof block['id'] === 'string' && gone.has(block['id']) ? [] : [block]
    const segment = kept.get(placeIn(index, blockIndex))
    return segment === undefined ? [] : shortened(block, read.text, segment.text)
  })
  const isSame =
    gone.size === 0 && blocks.length === before.length && blocks.every((one, at) => one === before[at])
  if (isSame) return [message]
  if (blocks.length === 0 && calls.length === 0) return []
  const content = typeof message.content === 'string' ? blocks.map(textOf).join('') : blocks
  return [changedMessage(message, { content, ...(callsBefore.length > 0 ? { tool_calls: calls } : {}) })]
}

function shortened(block: Block, before: string, after: string): Block[] {
  if (before === after) return [block]
  // Reasoning is signed by its provider: what is left of it would be turned away.
  return block.type === 'text' ? [{ ...block, text: after }] : []
}

import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import type { PartInfo } from '@plimsoll/core'
import { forcedToolOf } from './asked-object.ts'
import type { ToolCall } from './message.ts'
import { deepCopy, toPlain } from './plain.ts'
import { isFields } from './request.ts'
import type { ChatRequest, Fields } from './request.ts'
import type { Streaming } from './stream-host.ts'
import { finishOf, usageOf } from './usage.ts'

/** What there is to know of `_streamChatModelEvents`. */
export const events: Streaming<ChatModelStreamEvent> = {
  info: eventInfo,
  usage: 'replaces',
  copy: deepCopy,
  encode: toPlain,
  decode: (data) => data as ChatModelStreamEvent,
  read(parts) {
    let text = ''
    const toolCalls: ToolCall[] = []
    for (const part of parts) {
      if (part.event !== 'content-block-finish') continue
      const content: Fields = part.content
      if (content['type'] === 'text') text += String(content['text'] ?? '')
      if (content['type'] !== 'tool_call') continue
      const { name, args, id } = content
      toolCalls.push({ name: String(name), args, id: typeof id === 'string' ? id : undefined })
    }
    return { text, toolCalls }
  },
  message,
  ending(parts) {
    const open = new Map<number, Fields>()
    for (const part of parts) {
      if (part.event === 'content-block-start') open.set(part.index, part.content)
      if (part.event === 'content-block-delta') open.set(part.index, grown(open.get(part.index), part))
      if (part.event === 'content-block-finish') open.delete(part.index)
    }
    return [
      ...Array.from(open, ([index, content]) => ({ event: 'content-block-finish', index, content })),
      { event: 'message-finish', reason: 'length' },
    ] as ChatModelStreamEvent[]
  },
}

function eventInfo(event: ChatModelStreamEvent): PartInfo {
  switch (event.event) {
    case 'content-block-delta': {
      const bytes = bytesOf(event)
      return bytes === 0 ? {} : { content: true, bytes }
    }
    case 'content-block-finish':
      return event.content.type === 'text' || event.content.type === 'reasoning' ? {} : { content: true }
    case 'message-finish': {
      const { reason, usage: counts, responseMetadata } = event
      const usage = usageOf(counts, responseMetadata)
      const finish = finishOf({ finish_reason: reason }, responseMetadata) ?? 'other'
      return usage === undefined ? { finish } : { finish, usage }
    }
    case 'message-start': {
      const usage = usageOf(event.usage)
      return usage === undefined ? {} : { usage }
    }
    default: {
      const { usage: counts } = event as { usage?: unknown }
      const usage = usageOf(counts)
      return usage === undefined ? {} : { usage }
    }
  }
}

type Delta = Extract<ChatModelStreamEvent, { event: 'content-block-delta' }>

/** The block that a delta is of, or brings: older models send the latter. */
function carriedBy(event: Delta): Fields {
  const { delta, content } = event as unknown as { delta?: Fields; content?: Fields }
  const fields = delta?.['fields']
  return isFields(fields) ? fields : (delta ?? content ?? {})
}

const TEXTS = ['text', 'reasoning', 'args', 'data'] as const

function bytesOf(event: Delta): number {
  const carried = carriedBy(event)
  let bytes = 0
  for (const name of TEXTS) {
    const text = carried[name]
    if (typeof text === 'string') bytes += Buffer.byteLength(text)
  }
  return bytes
}

function grown(block: Fields = {}, event: Delta): Fields {
  const carried = carriedBy(event)
  const added = TEXTS.flatMap((name) => {
    const text = carried[name]
    return typeof text === 'string' ? [[name, `${String(block[name] ?? '')}${text}`] as const] : []
  })
  return { ...block, ...Object.fromEntries(added) }
}

const NO_USAGE = { input_tokens: 0, output_tokens: 0, total_tokens: 0 }

function message({ params }: ChatRequest, text: string, object: unknown): readonly ChatModelStreamEvent[] {
  const tool = object === undefined ? undefined : forcedToolOf(params)
  const said = object === undefined ? text : JSON.stringify(object)
  const block =
    tool === undefined
      ? { type: 'text', text: said }
      : { type: 'tool_call', name: tool.name, args: object, id: 'plimsoll' }
  return [
    { event: 'message-start' },
    {
      event: 'content-block-start',
      index: 0,
      content: tool === undefined ? { type: 'text', text: '' } : block,
    },
    ...(tool === undefined
      ? [{ event: 'content-block-delta', index: 0, delta: { type: 'text-delta', text: said } }]
      : []),
    { event: 'content-block-finish', index: 0, content: block },
    { event: 'message-finish', reason: tool === undefined ? 'stop' : 'tool_use', usage: NO_USAGE },
  ] as ChatModelStreamEvent[]
}

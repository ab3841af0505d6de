import type { BaseMessage } from '@langchain/core/messages'
import { blocksOf, changedMessage } from './message.ts'
import { placeOf } from './place.ts'
import { isFields } from './request.ts'
import type { ChatRequest } from './request.ts'
import { placeIn, segmentsOf, TOOLS } from './segments.ts'

const CACHE_CONTROL = { type: 'ephemeral' }

/**
 * The request with prompt-cache breakpoints behind these segments, as Anthropic has them; others find out alone. One that
 * has breakpoints already is left as it is: whoever set them knows the prompt, and there may be no more than four.
 */
export function withMark(request: ChatRequest, indexes: readonly number[]): ChatRequest {
  const { messages, options } = request
  const tools: readonly unknown[] = Array.isArray(options['tools']) ? options['tools'] : []
  if (options['cache_control'] !== undefined || tools.some(isMarked)) return request
  if (messages.some((message) => blocksOf(message).some(isMarked))) return request
  const segments = segmentsOf(request)
  const places = new Set(
    indexes.flatMap((index) => {
      const segment = segments[index]
      return segment === undefined ? [] : [placeOf(segment)]
    }),
  )
  const marked = messages.map((message, index) => markedMessage(message, index, places))
  if (!places.has(TOOLS) || tools.length === 0) return { ...request, messages: marked }
  return { ...request, messages: marked, options: { ...options, tools: withLastMarked(tools) } }
}

function markedMessage(message: BaseMessage, index: number, places: ReadonlySet<string>): BaseMessage {
  const blocks = blocksOf(message)
  const content = blocks.map((block, at) =>
    places.has(placeIn(index, at)) ? { ...block, cache_control: CACHE_CONTROL } : block,
  )
  return content.some((block, at) => block !== blocks[at]) ? changedMessage(message, { content }) : message
}

/** A breakpoint covers all that is before it: the last tool stands for all. Only Anthropic's own form may hold one. */
function withLastMarked(tools: readonly unknown[]): unknown[] {
  return tools.map((tool, index) =>
    index === tools.length - 1 && isFields(tool) && 'input_schema' in tool
      ? { ...tool, cache_control: CACHE_CONTROL }
      : tool,
  )
}

function isMarked(value: unknown): boolean {
  return isFields(value) && value['cache_control'] !== undefined
}

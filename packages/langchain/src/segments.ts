import type { BaseMessage } from '@langchain/core/messages'
import type { Segment } from '@plimsoll/core'
import { forcedToolOf, textSchemaOf } from './asked-object.ts'
import { blocksOf, textOf, toolCallsOf } from './message.ts'
import type { Block, ToolCall } from './message.ts'
import { at } from './place.ts'
import type { PlacedSegment } from './place.ts'
import type { ChatRequest } from './request.ts'

/** What OpenAI charges for an image of 1024 x 1024 at high detail; other providers are near. */
const IMAGE_TOKENS = 765
/** A PDF of two pages, or a minute or two of speech. Too little for more of it: the usage then corrects it. */
const OTHER_TOKENS = 3_000

/** Places of what stands in no message. */
export const TOOLS = 'tools'
const SCHEMA = 'schema'

export function placeIn(message: number, block: number): string {
  return `${message}.${block}`
}

export function placeOfCall(message: number, call: number): string {
  return `${message}.call.${call}`
}

type Role = Segment['role']

const ROLES: Readonly<Record<string, Role>> = {
  ai: 'assistant',
  system: 'system',
  developer: 'system',
  tool: 'tool',
  function: 'tool',
}

export function roleOf(message: BaseMessage): Role {
  const type: string = message.getType()
  if (type !== 'generic') return ROLES[type] ?? 'user'
  const { role } = message as { role?: string }
  return role === 'assistant' || role === 'system' ? role : 'user'
}

/** The input in the order in which providers lay it out: tools and schema, then the messages. */
export function segmentsOf({ messages, params }: ChatRequest): PlacedSegment[] {
  const segments: PlacedSegment[] = []
  const { tools } = params
  if (Array.isArray(tools) && tools.length > 0)
    segments.push(at({ role: 'system', kind: 'tools', text: json(tools), pinned: true }, TOOLS))
  const asked = textSchemaOf(params)
  // The schema of a forced tool is among the tools already: it is said, and not counted again.
  if (asked !== undefined || forcedToolOf(params) !== undefined) {
    const text = asked?.schema === undefined ? '' : json(asked.schema)
    segments.push(at({ role: 'system', kind: 'schema', text, pinned: true }, SCHEMA))
  }
  const last = messages.findLastIndex((message) => roleOf(message) === 'user')
  for (const [index, message] of messages.entries()) {
    const role = roleOf(message)
    const pinned = role === 'system' || index === last ? { pinned: true } : {}
    for (const [blockIndex, block] of blocksOf(message).entries()) {
      const read = readBlock(block, message)
      if (read !== undefined) segments.push(at({ role, ...read, ...pinned }, placeIn(index, blockIndex)))
    }
    for (const [callIndex, call] of toolCallsOf(message).entries())
      segments.push(at({ role, ...readCall(call), ...pinned }, placeOfCall(index, callIndex)))
  }
  return segments
}

/** `undefined` for a block that takes no room of its own, such as a call, which the message has once more by itself. */
export function readBlock(block: Block, message: BaseMessage): Omit<Segment, 'role'> | undefined {
  const text = textOf(block)
  const { tool_call_id: pairing } = message as { tool_call_id?: string }
  if (text !== undefined)
    return pairing === undefined ? { kind: 'text', text } : { kind: 'tool-result', text, pairing }
  const tokens = tokensOf(block)
  if (tokens === undefined) return undefined
  return { kind: 'file', text: '', tokens, ...(pairing === undefined ? {} : { pairing }) }
}

function readCall({ name, args, id }: ToolCall): Omit<Segment, 'role'> {
  const text = `${name} ${json(args)}`
  return id === undefined ? { kind: 'tool-call', text } : { kind: 'tool-call', text, pairing: id }
}

function tokensOf({ type }: Block): number | undefined {
  if (type.includes('image')) return IMAGE_TOKENS
  return /audio|video|file|document|media/.test(type) ? OTHER_TOKENS : undefined
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

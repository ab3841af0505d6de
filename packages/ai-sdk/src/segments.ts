import type { Segment } from '@plimsoll/core'
import { fileTokens, outputFileTokens } from './file-tokens.ts'
import { at } from './place.ts'
import type { PlacedSegment } from './place.ts'
import type { LanguageRequest, Message } from './versions.ts'

export type Part = Exclude<Message['content'], string>[number]

/** Places of what stands in no message. */
export const TOOLS = 'tools'
const SCHEMA = 'schema'

export function placeIn(message: number, part = 0): string {
  return `${message}.${part}`
}

/** The input in the order in which providers lay it out: tools and schema, then the messages. */
export function segmentsOf({ prompt, tools, responseFormat }: LanguageRequest): PlacedSegment[] {
  const segments: PlacedSegment[] = []
  if (tools !== undefined && tools.length > 0) {
    segments.push(at({ role: 'system', kind: 'tools', text: json(tools), pinned: true }, TOOLS))
  }
  if (responseFormat?.type === 'json') {
    // Without a schema, too, an object is asked for.
    const text = responseFormat.schema === undefined ? '' : json(responseFormat.schema)
    segments.push(at({ role: 'system', kind: 'schema', text, pinned: true }, SCHEMA))
  }
  const last = prompt.findLastIndex(({ role }) => role === 'user')
  for (const [index, message] of prompt.entries()) {
    const { role, content } = message
    if (role === 'system') {
      segments.push(at({ role, kind: 'text', text: content, pinned: true }, placeIn(index)))
      continue
    }
    for (const [partIndex, part] of content.entries()) {
      const read = readPart(part)
      const pinned = index === last ? { pinned: true } : {}
      if (read !== undefined) segments.push(at({ role, ...read, ...pinned }, placeIn(index, partIndex)))
    }
  }
  return segments
}

/** `undefined` for a part that takes no room that is known, such as an approval. */
export function readPart(part: Part): Omit<Segment, 'role'> | undefined {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { kind: 'text', text: part.text }
    case 'file':
    case 'reasoning-file':
      return { kind: 'file', text: '', tokens: fileTokens(part) }
    case 'tool-call':
      return { kind: 'tool-call', text: `${part.toolName} ${json(part.input)}`, pairing: part.toolCallId }
    case 'tool-result':
      return { kind: 'tool-result', ...readOutput(part.output), pairing: part.toolCallId }
    default:
      return undefined
  }
}

const CHARACTERS_PER_TOKEN = 4

function readOutput(output: Extract<Part, { type: 'tool-result' }>['output']): {
  text: string
  tokens?: number
} {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return { text: output.value }
    case 'json':
    case 'error-json':
      return { text: json(output.value) }
    case 'execution-denied':
      return { text: output.reason ?? '' }
    case 'content': {
      const text = output.value.map((item) => (item.type === 'text' ? item.text : '')).join('\n')
      let tokens = 0
      for (const item of output.value) tokens += outputFileTokens(item)
      return tokens === 0
        ? { text }
        : { text, tokens: tokens + Math.ceil(text.length / CHARACTERS_PER_TOKEN) }
    }
    default:
      return { text: json(output) }
  }
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

import type { Segment } from '@plimsoll/core'
import { placeOf } from './place.ts'
import { placeIn, readPart } from './segments.ts'
import type { Part } from './segments.ts'
import type { LanguageRequest, Message } from './versions.ts'

/** The request with only these segments of it. Tools, schema and what is no segment stay as they are. */
export function withSegments(params: LanguageRequest, segments: readonly Segment[]): LanguageRequest {
  const kept = new Map(segments.map((segment) => [placeOf(segment), segment]))
  const prompt = params.prompt.flatMap((message, index): Message[] => {
    if (message.role === 'system') {
      const segment = kept.get(placeIn(index))
      return segment === undefined ? [] : [{ ...message, content: segment.text }]
    }
    const content = message.content.flatMap((part: Part, partIndex): Part[] => {
      const read = readPart(part)
      if (read === undefined) return [part]
      const segment = kept.get(placeIn(index, partIndex))
      return segment === undefined ? [] : changed(part, read.text, segment.text)
    })
    const isEmptied = content.length === 0 && message.content.length > 0
    return isEmptied ? [] : [{ ...message, content } as Message]
  })
  return { ...params, prompt }
}

function changed(part: Part, before: string, after: string): Part[] {
  if (before === after) return [part]
  switch (part.type) {
    case 'text':
      return [{ ...part, text: after }]
    case 'reasoning':
      // Providers sign it: what is left of it would be turned away.
      return []
    case 'tool-result': {
      const type = part.output.type.startsWith('error') ? 'error-text' : 'text'
      return [{ ...part, output: { type, value: after } }]
    }
    default:
      return [part]
  }
}

import type { AskedObject } from '@plimsoll/core'
import type { GenerateResult, LanguageRequest, StreamPart } from './versions.ts'

/** Of a whole answer: its text, where that is to be an object. One that calls tools is none yet. */
export function objectOf(
  { responseFormat }: LanguageRequest,
  { content }: GenerateResult,
): AskedObject | undefined {
  if (responseFormat?.type !== 'json' || content.some(({ type }) => type === 'tool-call')) return undefined
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return { schema: responseFormat.schema, text }
}

/** The same of a streamed one. */
export function streamedObject(
  { responseFormat }: LanguageRequest,
  parts: readonly StreamPart[],
): AskedObject | undefined {
  if (responseFormat?.type !== 'json' || parts.some(({ type }) => type === 'tool-call')) return undefined
  const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
  return { schema: responseFormat.schema, text }
}

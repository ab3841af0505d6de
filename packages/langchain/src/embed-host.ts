import type { Host } from '@plimsoll/core'
import { errorFacts, PlimsollError } from '@plimsoll/core'
import { opened } from './opening.ts'
import { at, placeOf } from './place.ts'

/** What an embedding model is asked. */
export interface EmbedRequest {
  readonly texts: readonly string[]
  readonly model: string
  readonly dimensions: unknown
}

/** How the core sees an embedding of texts. */
export function embedHost(
  send: (texts: string[]) => Promise<number[][]>,
  model: string,
): Host<number[][], EmbedRequest> {
  return {
    kind: 'embed',
    segments: ({ texts }) => texts.map((text, index) => at({ role: 'user', kind: 'text', text }, `${index}`)),
    withSegments(request, segments) {
      const kept = new Map(segments.map((segment) => [placeOf(segment), segment.text]))
      // Whoever embeds many expects a vector for each: one may be shortened, and never goes.
      return { ...request, texts: request.texts.map((text, index) => kept.get(`${index}`) ?? text) }
    },
    // No provider caches the prefix of what it embeds.
    withMark: (request) => request,
    key: ({ texts, dimensions }) => ({ texts, ...(dimensions === undefined ? {} : { dimensions }) }),
    open: ({ texts }, _signal, { target }) => opened({ target, model }, () => send([...texts])),
    // They say nothing of their usage.
    parts: () => ({ kind: 'whole', info: { content: true } }),
    encode: (vectors) => vectors,
    decode: (data) => data as number[][],
    message(_text, object) {
      if (areVectors(object)) return object
      const message =
        'A message cannot stand for embeddings; give vectors as its `object`, or leave that rung out.'
      throw new PlimsollError({ code: 'invalid-config', message })
    },
    copy: (vectors) => structuredClone(vectors),
    errorFacts,
  }
}

function areVectors(value: unknown): value is number[][] {
  return (
    Array.isArray(value) && value.every((vector) => Array.isArray(vector) && vector.every(Number.isFinite))
  )
}

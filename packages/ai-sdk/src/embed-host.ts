import type { Host, PartInfo } from '@plimsoll/core'
import { errorFacts, PlimsollError } from '@plimsoll/core'
import { deepCopy, fromJson, toJson, toPlain } from './plain.ts'
import { at, placeOf } from './place.ts'
import { openedWith } from './response.ts'
import type { Send } from './response.ts'
import { embeddingUsageOf } from './usage.ts'
import type { EmbeddingRequest, EmbeddingResult } from './versions.ts'

/** How the core sees `doEmbed`. */
export function embedHost(
  send: Send<EmbeddingRequest, EmbeddingResult>,
): Host<EmbeddingResult, EmbeddingRequest> {
  return {
    kind: 'embed',
    segments: ({ values }) =>
      values.map((text, index) => at({ role: 'user', kind: 'text', text }, `${index}`)),
    withSegments(params, segments) {
      const texts = new Map(segments.map((segment) => [placeOf(segment), segment.text]))
      // Whoever embeds many expects a vector for each: one may be shortened, and never goes.
      return { ...params, values: params.values.map((value, index) => texts.get(`${index}`) ?? value) }
    },
    // No provider caches the prefix of what it embeds.
    withMark: (params) => params,
    key({ abortSignal: _signal, headers: _headers, providerOptions, ...params }) {
      const { plimsoll: _, ...options } = providerOptions ?? {}
      return toPlain({ ...params, providerOptions: options })
    },
    open: async (params, signal, attempt) => openedWith(await send(params, signal, attempt)),
    parts: (value) => ({ kind: 'whole', info: infoOf(value) }),
    encode: ({ response: _response, ...value }) => toJson(value),
    decode: (data) => fromJson(data) as EmbeddingResult,
    message(_text, object) {
      if (areEmbeddings(object)) return { embeddings: object, usage: { tokens: 0 }, warnings: [] }
      const message =
        'A message cannot stand for embeddings; give vectors as its `object`, or leave that rung out.'
      throw new PlimsollError({ code: 'invalid-config', message })
    },
    copy: deepCopy,
    errorFacts,
  }
}

function infoOf({ usage }: EmbeddingResult): PartInfo {
  const known = embeddingUsageOf(usage)
  return known === undefined ? { content: true } : { content: true, usage: known }
}

function areEmbeddings(value: unknown): value is number[][] {
  return (
    Array.isArray(value) && value.every((vector) => Array.isArray(vector) && vector.every(Number.isFinite))
  )
}

import type { Attributes, Plimsoll } from '@plimsoll/core'
import { governor } from './governor.ts'
import type { PlimsollEmbeddingMiddleware, PlimsollMiddleware } from './structural.ts'
import type { EmbeddingModel, EmbeddingRequest, LanguageModel, LanguageRequest } from './versions.ts'

/**
 * Governs a language model: its calls wait for room, are settled by what they used, and are refused in good time.
 *
 * ```ts
 * const model = wrapLanguageModel({
 *   model: openai('gpt-5-mini'),
 *   middleware: plimsollMiddleware(plimsoll, { tenant: 'acme', task: 'summarise' }),
 * })
 * ```
 * Nothing is kept in the middleware itself: make as many as you like, their limits are those of `plimsoll`.
 *
 * **Gotcha**: among several middlewares put it last. Those before it then run once for a call, and their waiting is not
 * counted as the model's.
 *
 * @param attributes of every call made through it. `plimsoll.with` around a call wins over them; they win over
 * `providerOptions.plimsoll`.
 * @throws {PlimsollError} (the call) when it is refused, or the provider has failed as often as it was worth trying; a
 * provider's error that says what is wrong with the request stays itself
 */
export function plimsollMiddleware(plimsoll: Plimsoll, attributes: Attributes = {}): PlimsollMiddleware {
  const { generate, stream } = governor(plimsoll, attributes)
  const middleware = {
    specificationVersion: 'v3',
    wrapGenerate: ({ model, params }: Wrapped<LanguageModel, LanguageRequest>) => generate(model, params),
    wrapStream: ({ model, params }: Wrapped<LanguageModel, LanguageRequest>) => stream(model, params),
  } as const
  // What comes back is what the model gave: its types are those of the model's own version.
  return middleware as PlimsollMiddleware
}

/** As `plimsollMiddleware`, for `wrapEmbeddingModel`. Each request of an `embedMany` is a call of its own. */
export function plimsollEmbeddingMiddleware(
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): PlimsollEmbeddingMiddleware {
  const { embed } = governor(plimsoll, attributes)
  const middleware = {
    specificationVersion: 'v3',
    wrapEmbed: ({ model, params }: Wrapped<EmbeddingModel, EmbeddingRequest>) => embed(model, params),
  } as const
  return middleware as PlimsollEmbeddingMiddleware
}

interface Wrapped<Model, Request> {
  readonly model: Model
  readonly params: Request
}

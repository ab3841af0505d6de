import type { EmbeddingModelV4Middleware, LanguageModelV4Middleware } from '@ai-sdk/provider'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { governor } from './governor.ts'

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
 * @throws {PlimsollError} (the call) when it is refused; a provider's own error stays itself
 */
export function plimsollMiddleware(
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): LanguageModelV4Middleware {
  const { generate, stream } = governor(plimsoll, attributes)
  return {
    specificationVersion: 'v4',
    wrapGenerate: ({ model, params }) => generate(model, params),
    wrapStream: ({ model, params }) => stream(model, params),
  }
}

/** As `plimsollMiddleware`, for `wrapEmbeddingModel`. Each request of an `embedMany` is a call of its own. */
export function plimsollEmbeddingMiddleware(
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): EmbeddingModelV4Middleware {
  const { embed } = governor(plimsoll, attributes)
  return { specificationVersion: 'v4', wrapEmbed: ({ model, params }) => embed(model, params) }
}

import type { Host } from '@plimsoll/core'
import { PlimsollError as CoreError } from '@plimsoll/core'
import { Effect, Layer } from 'effect'
import { AiError, EmbeddingModel } from 'effect/ai'
import { CurrentCall } from '../current-call.ts'
import type { PlimsollError } from '../error.ts'
import { governedEffect } from '../governed-effect.ts'
import { Plimsoll } from '../plimsoll.ts'
import { thrownFacts } from './classify.ts'
import type { ModelGovernance } from './language-model.ts'
import { noAnswer } from './refusal.ts'
import { targetOf } from './target.ts'

type Response = EmbeddingModel.ProviderResponse
type Request = readonly string[]

/**
 * Takes an `EmbeddingModel` and gives it back governed.
 *
 * **When to use**: directly over a provider's model.
 *
 * **Details**: each request that is sent is a call: `embedMany`, and what `embed` gathers into one. Refusals are `AiError`s.
 *
 * **Gotcha**: `embed` gathers what is asked in one turn, whoever asks: it is all on the account of the first.
 *
 * **Example**
 * ```ts
 * const Governed = PlimsollEmbeddingModel.layer({ target: 'openai/text-embedding-3-small' }).pipe(
 *   Layer.provide(OpenAiEmbeddings),
 * )
 * ```
 */
export const layer = (
  governance: Omit<ModelGovernance, 'maxOutputTokens'> = {},
): Layer.Layer<EmbeddingModel.EmbeddingModel, PlimsollError, EmbeddingModel.EmbeddingModel | Plimsoll> =>
  Layer.effect(
    EmbeddingModel.EmbeddingModel,
    Effect.gen(function* () {
      const plimsoll = yield* Plimsoll
      const model = yield* EmbeddingModel.EmbeddingModel
      const target = governance.target ?? (yield* targetOf)
      const { attributes: defaults = {} } = governance
      return yield* EmbeddingModel.make({
        embedMany: ({ inputs }) =>
          Effect.gen(function* () {
            const context = yield* Effect.context()
            const attributes = yield* CurrentCall
            const outcome = yield* governedEffect<Response, Request>((open) => ({
              host: embedHost((asked, signal, info) => open(sent(model, asked), { context, signal, info })),
              request: inputs,
              target,
              targets: [target],
              attributes,
              defaults,
            }))
            if (outcome.kind === 'ok') return outcome.reply.value
            return yield* noAnswer<AiError.AiError>(outcome, 'embedMany')
          }).pipe(
            Effect.withSpan('plimsoll.call', {
              attributes: { 'plimsoll.method': 'embedMany', 'plimsoll.target': target },
            }),
            Effect.provideService(Plimsoll, plimsoll),
          ),
      })
    }),
  )

function sent(
  model: EmbeddingModel.EmbeddingModel,
  inputs: Request,
): Effect.Effect<Response, AiError.AiError> {
  return Effect.map(model.embedMany(inputs), ({ embeddings, usage }) => ({
    results: embeddings.map(({ vector }) => [...vector]),
    usage: { inputTokens: usage.inputTokens },
  }))
}

type Send = (
  request: Request,
  signal: AbortSignal,
  info: Parameters<Host<Response, Request>['open']>[2],
) => Promise<Response>

function embedHost(send: Send): Host<Response, Request> {
  return {
    kind: 'embed',
    segments: (inputs) => inputs.map((text) => ({ role: 'user', kind: 'text', text, pinned: true })),
    // Whoever embeds many expects a vector for each, of the whole of it.
    withSegments: (inputs) => inputs,
    withMark: (inputs) => inputs,
    key: (inputs) => inputs,
    open: async (inputs, signal, info) => ({ value: await send(inputs, signal, info) }),
    parts({ usage: { inputTokens } }) {
      const usage = inputTokens === undefined ? {} : { usage: { inputTokens } }
      return { kind: 'whole', info: { content: true, ...usage } }
    },
    encode: (value) => value,
    decode: (data) => data as Response,
    message() {
      const message = 'A message cannot stand for embeddings; leave that rung out.'
      throw new CoreError({ code: 'invalid-config', message })
    },
    copy: (value) => structuredClone(value),
    errorFacts: thrownFacts,
  }
}

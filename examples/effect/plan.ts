import { Plimsoll } from '@plimsoll/effect'
import { PlimsollLanguageModel } from '@plimsoll/effect/ai'
import { Effect, ExecutionPlan, Layer, Stream } from 'effect'
import { LanguageModel, Model } from 'effect/ai'
import type { AiError } from 'effect/ai'

/** Stands for the layer of a provider's package. */
const modelOf = (name: string) =>
  Model.make(
    'openai',
    name,
    Layer.effect(
      LanguageModel.LanguageModel,
      LanguageModel.make({
        generateText: () =>
          Effect.succeed([
            { type: 'text', text: `An answer by ${name}` },
            {
              type: 'finish',
              reason: 'stop',
              usage: { inputTokens: { total: 9 }, outputTokens: { total: 5 } },
              response: undefined,
            },
          ]),
        streamText: () => Stream.empty,
      }),
    ),
  )

// What a model is called is known from `Model.make`: `openai/gpt-5-mini`.
const governed = (name: string) => Layer.provide(PlimsollLanguageModel.layer(), modelOf(name))

const plan = ExecutionPlan.make(
  // No room is a rate limit to a plan, which goes on without having sent anything.
  { provide: governed('gpt-5-mini'), while: (error: AiError.AiError) => error.isRetryable },
  { provide: governed('gpt-5-nano') },
)

const ask = LanguageModel.generateText({ prompt: 'Why?' }).pipe(
  Effect.map(({ text }) => text),
  Effect.withExecutionPlan(plan),
)

// The plan builds its layers anew with each attempt; the limits are outside of it.
const Limits = Plimsoll.layer({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 2 } } },
  queue: { maxWaitMs: 100 },
})
console.log(await Effect.runPromise(Effect.provide(Effect.all([ask, ask, ask]), Limits)))

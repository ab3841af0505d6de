import { Plimsoll, reserve, withBudget, withBudgetStream, withCall } from '@plimsoll/effect'
import { Deferred, Effect, Fiber, Layer, ManagedRuntime, Stream } from 'effect'
import { FetchHttpClient, HttpClient, HttpClientRequest } from 'effect/http'
import type { MakeToolkit, Question, Way } from './toolkit.ts'

export const effect: MakeToolkit = async (config, provider) => {
  const runtime = ManagedRuntime.make(Layer.mergeAll(Plimsoll.layer(config), Http))
  const { core } = await runtime.runPromise(Effect.service(Plimsoll))
  const sent = (question: Question, rest: object = {}) =>
    HttpClientRequest.post(`${provider}/v1/chat/completions`).pipe(
      HttpClientRequest.bearerToken('any'),
      HttpClientRequest.bodyJsonUnsafe({
        model: question.model,
        max_tokens: question.maxTokens,
        messages: messagesOf(question),
        ...rest,
      }),
      HttpClient.execute,
    )
  const ask: Way['ask'] = (question, signal) =>
    runtime.runPromise(
      Effect.flatMap(sent(question), ({ json }) => json).pipe(
        withBudget(callOf(question)),
        withCall(question.attributes),
      ),
      { signal },
    )

  /** Holds by an effect that never ends by itself, and tells when it has begun. */
  const holding =
    (effectOf: (question: Question, begun: Effect.Effect<unknown>) => Held): Way['hold'] =>
    async (question) => {
      const here = Deferred.makeUnsafe<void>()
      const held = effectOf(question, Deferred.succeed(here, undefined))
      const fiber = runtime.runFork(withCall(held, question.attributes))
      await runtime.runPromise(Effect.raceFirst(Deferred.await(here), Fiber.join(fiber)))
      return () => runtime.runPromise(Fiber.interrupt(fiber))
    }

  return {
    plimsoll: core,
    ways: {
      'an effect': {
        ask,
        hold: holding((question, begun) =>
          begun.pipe(
            Effect.andThen(sent(question)),
            Effect.flatMap(({ json }) => json),
            withBudget(callOf(question)),
          ),
        ),
      },
      'a stream': {
        ask,
        hold: holding((question, begun) =>
          Stream.unwrap(Effect.map(sent(question, { stream: true }), ({ stream }) => stream)).pipe(
            withBudgetStream(callOf(question)),
            Stream.runForEach(() => begun),
          ),
        ),
      },
      'a reservation': {
        ask,
        hold: holding((question, begun) =>
          Effect.scoped(reserve(callOf(question)).pipe(Effect.andThen(begun), Effect.andThen(Effect.never))),
        ),
      },
    },
    end: () => runtime.dispose(),
  }
}

type Held = Effect.Effect<unknown, unknown, Plimsoll | HttpClient.HttpClient>

const Http = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Effect.service(HttpClient.HttpClient), HttpClient.filterStatusOk),
).pipe(Layer.provide(FetchHttpClient.layer))

const messagesOf = ({ text }: Question) => [{ role: 'user', content: text }]

const callOf = (question: Question) => ({
  target: `openai/${question.model}`,
  input: messagesOf(question),
  maxOutputTokens: question.maxTokens,
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { adapterContract } from '@plimsoll/core/testing'
import type { AdapterSubject, ContractClient, ContractProvider } from '@plimsoll/core/testing'
import { startFakeProvider } from '@plimsoll/fake-provider'
import { Effect, Layer, Schema, Stream } from 'effect'
import { AiError, LanguageModel, Tool, Toolkit } from 'effect/ai'
import { describe, expect, it } from 'vitest'
import { PlimsollLanguageModel } from '../src/ai/index.ts'
import { CurrentPlace } from '../src/current-call.ts'
import { inherit, Plimsoll } from '../src/index.ts'
import { httpModel } from './http-model.ts'
import { QUICK } from './support.ts'

interface Place extends ContractProvider {
  readonly url: string
}

async function provider(): Promise<Place> {
  const server = await startFakeProvider({
    apiKeys: ['right'],
    models: { '*': { ...QUICK, tokensPerSecond: 1_000, maxOutputTokens: 5_000 } },
  })
  const KINDS = { 429: 'rate-limit', 500: 'server-error' } as const
  return {
    url: server.url,
    fail: (status, times) =>
      server.inject({ kind: KINDS[status], times, ...(status === 429 && { retryAfterMs: 10 }) }),
    received: () => server.stats().total.received,
    abandoned: () => server.stats().total.abortedByClient,
    peak: () => server.stats().total.peakInFlight,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const Weather = Tool.make('weather', {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.String,
})
const tools = Toolkit.make(Weather)
const handlers = tools.toLayer({ weather: ({ city }) => Effect.succeed(`${city}: sunny`) })

type Model = Layer.Layer<LanguageModel.LanguageModel, unknown>

function clientOf(model: Model): ContractClient {
  const run = <A, E>(
    effect: Effect.Effect<A, E, LanguageModel.LanguageModel | Tool.HandlersFor<typeof tools.tools>>,
    signal?: AbortSignal,
  ): Promise<A> =>
    Effect.runPromise(
      inherit(effect).pipe(Effect.provide(Layer.mergeAll(model, handlers))),
      signal && { signal },
    )
  return {
    async text(prompt, { signal } = {}) {
      const { text, usage } = await run(LanguageModel.generateText({ prompt }), signal)
      return {
        text,
        usage: { inputTokens: usage.inputTokens.total, outputTokens: usage.outputTokens.total },
      }
    },
    stream(prompt) {
      const words = LanguageModel.streamText({ prompt }).pipe(
        Stream.filter((part) => part.type === 'text-delta'),
        Stream.map(({ delta }) => delta),
        Stream.provide(model),
      )
      // As `inherit`, for a stream that is read as an iterable.
      const here = AsyncLocalStorage.snapshot()
      return Stream.toAsyncIterable(Stream.provideService(words, CurrentPlace, here))
    },
    async tool(prompt) {
      const { toolCalls } = await run(LanguageModel.generateText({ prompt, toolkit: tools }))
      return toolCalls[0]?.params
    },
    async object(prompt) {
      const schema = Schema.Struct({ city: Schema.String, celsius: Schema.Finite })
      return (await run(LanguageModel.generateObject({ prompt, schema }))).value
    },
  }
}

const subject: AdapterSubject = {
  target: 'openai/m',
  provider,
  client(at, core, apiKey) {
    const bare = httpModel({ url: (at as Place).url, apiKey })
    if (core === undefined) return clientOf(bare)
    return clientOf(Layer.provide(PlimsollLanguageModel.layer(), [bare, Plimsoll.layerCore(core)]))
  },
  statusOf: (error) =>
    AiError.isAiError(error) && 'http' in error.reason ? error.reason.http?.response?.status : undefined,
}

describe('what adapters do alike, with a LanguageModel over HTTP', () => {
  it.each(adapterContract(subject))('$name', async ({ check }) => {
    await expect(check()).resolves.toBeUndefined()
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { startFakeProvider } from '@plimsoll/fake-provider'
import { PlimsollError as CoreError } from '@plimsoll/core'
import { Effect, ExecutionPlan, Layer, Schema, Stream } from 'effect'
import { AiError, EmbeddingModel, LanguageModel, Tool, Toolkit } from 'effect/ai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PlimsollEmbeddingModel, PlimsollLanguageModel } from '../src/ai/index.ts'
import { Plimsoll, withCall } from '../src/index.ts'
import type { EffectConfig } from '../src/index.ts'
import { httpModel } from './http-model.ts'
import { listener, NOTHING_LEFT, QUICK, state } from './support.ts'

let provider: FakeProvider
beforeEach(async () => {
  provider = await startFakeProvider({ models: { '*': QUICK } })
})
afterEach(() => provider[Symbol.asyncDispose]())

const hello = LanguageModel.generateText({ prompt: 'Hello' })

/** Runs a program with a governed model of the fake provider, and a Plimsoll of its own. */
function governed<A, E>(
  config: EffectConfig,
  effect: Effect.Effect<A, E, LanguageModel.LanguageModel | Plimsoll>,
  governance: PlimsollLanguageModel.ModelGovernance = {},
): Promise<A> {
  const model = Layer.provide(PlimsollLanguageModel.layer(governance), httpModel({ url: provider.url }))
  return Effect.runPromise(
    effect.pipe(Effect.provide(model), Effect.provide(Plimsoll.layer({ retry: { budget: 1 }, ...config }))),
  )
}

describe('a governed language model', () => {
  it('is of the target that its model says, or that it is told', async () => {
    const { events, onEvent } = listener()
    await governed({ onEvent }, hello)
    await governed({ onEvent }, hello, { target: 'azure/mine' })
    const targets = events.flatMap((event) => (event.type === 'call.finished' ? [event.target] : []))
    expect(targets).toEqual(['openai/m', 'azure/mine'])
  })

  it('learns its limits from the headers of its answers', async () => {
    await using limited = await startFakeProvider({ models: { '*': { ...QUICK, rpm: 77 } } })
    const { events, onEvent } = listener()
    const model = Layer.provide(PlimsollLanguageModel.layer(), httpModel({ url: limited.url }))
    await Effect.runPromise(hello.pipe(Effect.provide(model), Effect.provide(Plimsoll.layer({ onEvent }))))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'limit.learnt', unit: 'requests', amount: 77 }),
    )
  })

  it('counts tools and schema with the prompt', async () => {
    const counted = async (effect: Effect.Effect<unknown, unknown, LanguageModel.LanguageModel>) => {
      const { events, onEvent } = listener()
      await governed({ onEvent }, effect)
      return events.flatMap((event) => (event.type === 'call.finished' ? [event.inputBy] : []))[0]!
    }
    const plain = await counted(hello)
    const withTool = await counted(
      LanguageModel.generateText({ prompt: 'Hello', toolkit: tools }).pipe(Effect.provide(sunny)),
    )
    expect(plain.tools).toBe(0)
    expect(withTool.tools).toBeGreaterThan(5)
    const resolved = Effect.map(tools, (toolkit) => toolkit)
    const later = LanguageModel.generateText({ prompt: 'Hello', toolkit: resolved })
    expect((await counted(later.pipe(Effect.provide(sunny)))).tools).toBe(withTool.tools)
    expect(
      (await counted(LanguageModel.generateObject({ prompt: 'Hello', schema: City }))).system,
    ).toBeGreaterThan(5)
  })

  it('says on its own that there is no room, as a rate limit that retries understand', async () => {
    const error = await governed(
      { targets: { 'openai/m': { limits: { rpm: 1 } } }, queue: { maxWaitMs: 10 } },
      Effect.andThen(hello, Effect.flip(hello)),
    )
    expect(AiError.isAiError(error) && error.reason._tag).toBe('RateLimitError')
    expect(error).toMatchObject({ isRetryable: true, retryAfter: expect.anything() })
    expect(CoreError.find(error)?.code).toBe('wait-too-long')
  })

  it('says that someone’s own budget is used up as a quota, with the time it comes back', async () => {
    const error = await governed(
      { budgets: [{ per: 'tenant', rpm: 1 }], queue: { maxWaitMs: 10 } },
      Effect.andThen(hello, Effect.flip(hello)).pipe(withCall({ tenant: 'acme' })),
    )
    expect(AiError.isAiError(error) && error.reason._tag).toBe('QuotaExhaustedError')
    expect(error).toMatchObject({ isRetryable: false, reason: { resetAt: expect.anything() } })
  })

  it('charges attributes of the layer, where withCall says nothing', async () => {
    const { events, onEvent } = listener()
    const both = Effect.andThen(hello, withCall(hello, { tenant: 'inner' }))
    await governed({ onEvent }, both, { attributes: { tenant: 'bound', feature: 'chat' } })
    const attributes = events.flatMap((event) => (event.type === 'call.finished' ? [event.attributes] : []))
    expect(attributes).toEqual([
      { tenant: 'bound', feature: 'chat' },
      { tenant: 'inner', feature: 'chat' },
    ])
  })
})

const City = Schema.Struct({ city: Schema.String })
const tools = Toolkit.make(Tool.make('weather', { parameters: City, success: Schema.String }))
const sunny = tools.toLayer({ weather: ({ city }) => Effect.succeed(`${city}: sunny`) })

describe('tools', () => {
  const ask = LanguageModel.generateText({ prompt: 'Hello [[tool=weather {"city":"Oslo"}]]', toolkit: tools })
  const one = { targets: { 'openai/m': { limits: { concurrency: 1 } } } } as const

  const asking = tools.toLayer(
    Effect.gen(function* () {
      const model = yield* LanguageModel.LanguageModel
      const answer = Effect.map(model.generateText({ prompt: 'Hi' }), ({ text }) => text)
      return { weather: () => Effect.orDie(answer) }
    }),
  )
  const streamed = LanguageModel.streamText({
    prompt: 'Hello [[tool=weather {"city":"Oslo"}]]',
    toolkit: tools,
  })

  it.each([
    ['an answer', Effect.map(ask, ({ content }) => content.map(({ type }) => type as string))],
    ['a stream', Effect.map(Stream.runCollect(streamed), (parts) => parts.map(({ type }) => type as string))],
  ])('of %s may ask the model themselves, with one slot for all', async (_, asked) => {
    const [types, left] = await governed(one, Effect.all([asked.pipe(Effect.provide(asking)), state]))
    expect(types.filter((type) => type === 'tool-result')).toHaveLength(1)
    expect(left).toEqual(NOTHING_LEFT)
    expect(provider.stats().total.received).toBe(2)
  })

  it('fail as they fail, and nothing is asked again', async () => {
    const Broken = Toolkit.make(
      Tool.make('weather', { parameters: City, failure: Schema.Struct({ status: Schema.Finite }) }),
    )
    const broken = Broken.toLayer({ weather: () => Effect.fail({ status: 500 }) })
    const error = await governed(
      one,
      Effect.flip(
        LanguageModel.generateText({
          prompt: 'Hello [[tool=weather {"city":"Oslo"}]]',
          toolkit: Broken,
        }).pipe(Effect.provide(broken)),
      ),
    )
    expect(error).toEqual({ status: 500 })
    expect(provider.stats().total.received).toBe(1)
  })
})

describe('streams', () => {
  const streamed = LanguageModel.streamText({ prompt: 'Hello' })
  const outcomes = (events: ReturnType<typeof listener>['events']) =>
    events.flatMap((event) => (event.type === 'call.finished' ? [event.outcome] : []))

  it.each(['error-event', 'cut'] as const)('that begin with %s are tried again', async (kind) => {
    provider.inject({ kind, afterChunks: 0 })
    const parts = await governed({}, Stream.runCollect(streamed))
    expect(parts.at(-1)?.type).toBe('finish')
    expect(provider.stats().total.received).toBe(2)
  })

  it('that break off midway are not, and keep what was reserved', async () => {
    provider.inject({ kind: 'cut', afterChunks: 3 })
    const { events, onEvent } = listener()
    const left = await governed({ onEvent }, Effect.andThen(Effect.flip(Stream.runDrain(streamed)), state))
    expect(left).toEqual(NOTHING_LEFT)
    expect(provider.stats().total.received).toBe(1)
    expect(outcomes(events)).toEqual(['failed'])
    expect(events.find(({ type }) => type === 'budget.settled')).toMatchObject({ certainty: 'at-least' })
  })

  it('whose provider says midway that it failed hand that on, and count as failed', async () => {
    provider.inject({ kind: 'error-event', afterChunks: 3 })
    const { events, onEvent } = listener()
    const parts = await governed({ onEvent }, Stream.runCollect(streamed))
    expect(parts.some(({ type }) => type === 'error')).toBe(true)
    expect(outcomes(events)).toEqual(['failed'])
  })

  it('end at their provider when their reader has enough', async () => {
    await provider[Symbol.asyncDispose]()
    // Slow enough to be still at it when its reader leaves.
    provider = await startFakeProvider({ models: { '*': { ...QUICK, tokensPerSecond: 500 } } })
    const long = LanguageModel.streamText({ prompt: 'Hello [[tokens=2000]]' })
    const left = await governed({}, Effect.andThen(Stream.runDrain(Stream.take(long, 2)), state))
    expect(left).toEqual(NOTHING_LEFT)
    await expect.poll(() => provider.stats().total.abortedByClient).toBe(1)
  })
})

describe('a wait that the provider asks for', () => {
  const forms = [
    ['seconds', 429, () => ({ 'retry-after': '1' })],
    ['milliseconds', 429, () => ({ 'retry-after-ms': '900' })],
    ['a date', 429, () => ({ 'retry-after': new Date(Date.now() + 2_000).toUTCString() })],
    ['seconds beside a 503', 503, () => ({ 'retry-after': '1' })],
  ] as const

  it.each(forms)('is kept to: %s', async (_, status, headers) => {
    let received = 0
    const server = createServer((_request, response) => {
      const isFirst = ++received === 1
      response.writeHead(isFirst ? status : 200, {
        'content-type': 'application/json',
        ...(isFirst ? headers() : {}),
      })
      response.end(JSON.stringify(isFirst ? { error: { message: 'Later.' } } : ANSWER))
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    const { events, onEvent } = listener()
    const model = Layer.provide(PlimsollLanguageModel.layer(), httpModel({ url: `http://127.0.0.1:${port}` }))
    const { text } = await Effect.runPromise(
      hello.pipe(Effect.provide(model), Effect.provide(Plimsoll.layer({ retry: { budget: 1 }, onEvent }))),
    )
    server.close()
    expect([text, received]).toEqual(['Hi', 2])
    const waits = events.flatMap((event) => {
      if (event.type === 'limit.paused') return [event.forMs]
      return event.type === 'retry.scheduled' ? [event.delayMs] : []
    })
    // A date has whole seconds.
    expect(waits[0]).toBeGreaterThanOrEqual(800)
  })
})

const ANSWER = {
  choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 1 },
}

describe('an ExecutionPlan over two governed models', () => {
  it('goes on to the second where the first has no room, and keeps its limits over attempts', async () => {
    await using second = await startFakeProvider({ models: { '*': QUICK } })
    const first = Layer.provide(PlimsollLanguageModel.layer(), httpModel({ url: provider.url, model: 'a' }))
    const spare = Layer.provide(PlimsollLanguageModel.layer(), httpModel({ url: second.url, model: 'b' }))
    const plan = ExecutionPlan.make(
      { provide: first, attempts: 1, while: (error: AiError.AiError) => error.isRetryable },
      { provide: spare },
    )
    const config: EffectConfig = {
      targets: { 'openai/a': { limits: { rpm: 2 } } },
      queue: { maxWaitMs: 10 },
    }
    const asked = Effect.withExecutionPlan(hello, plan)
    const texts = await Effect.runPromise(
      Effect.all([asked, asked, asked, asked]).pipe(Effect.provide(Plimsoll.layer(config))),
    )
    expect(texts.every(({ text }) => text !== '')).toBe(true)
    expect([provider.stats().total.received, second.stats().total.received]).toEqual([2, 2])
  })
})

describe('a routed model', () => {
  it('goes where the task says, and elsewhere where that fails', async () => {
    await using second = await startFakeProvider({ models: { '*': QUICK } })
    const routed = PlimsollLanguageModel.routed({
      'openai/a': httpModel({ url: provider.url, model: 'a' }),
      'openai/b': httpModel({ url: second.url, model: 'b' }),
    })
    const config: EffectConfig = { tasks: { chat: { targets: ['openai/b', 'openai/a'] } } }
    second.inject({ kind: 'server-error', times: 10 })
    await Effect.runPromise(
      hello.pipe(withCall({ task: 'chat' }), Effect.provide(routed), Effect.provide(Plimsoll.layer(config))),
    )
    expect(second.stats().total.received).toBeGreaterThan(0)
    expect(provider.stats().total.completed).toBe(1)
  })

  it('is refused without models', async () => {
    const routed = Layer.build(PlimsollLanguageModel.routed<never, never>({})).pipe(
      Effect.scoped,
      Effect.flip,
    )
    const error = await Effect.runPromise(Effect.provide(routed, Plimsoll.layer()))
    expect(error.reason._tag).toBe('InvalidConfig')
  })
})

describe('a governed embedding model', () => {
  const model = Layer.effect(
    EmbeddingModel.EmbeddingModel,
    EmbeddingModel.make({
      embedMany: ({ inputs }) =>
        Effect.suspend(() => {
          requests++
          return Effect.succeed({ results: inputs.map((text) => [text.length]), usage: { inputTokens: 4 } })
        }),
    }),
  )
  let requests = 0

  it('is one call for what is embedded together, and settled by its usage', async () => {
    const { events, onEvent } = listener()
    requests = 0
    const embedded = Effect.flatMap(Effect.service(EmbeddingModel.EmbeddingModel), (embedder) =>
      Effect.all([embedder.embed('a'), embedder.embed('bb'), embedder.embed('ccc')], {
        concurrency: 'unbounded',
      }),
    )
    const layer = Layer.provide(PlimsollEmbeddingModel.layer({ target: 'openai/e' }), model)
    const vectors = await Effect.runPromise(
      embedded.pipe(Effect.provide(layer), Effect.provide(Plimsoll.layer({ onEvent }))),
    )
    expect(vectors.map(({ vector }) => vector)).toEqual([[1], [2], [3]])
    expect(requests).toBe(1)
    expect(events.filter(({ type }) => type === 'call.finished')).toMatchObject([
      { usage: { inputTokens: 4 } },
    ])
  })
})

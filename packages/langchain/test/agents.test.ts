import { AIMessage } from '@langchain/core/messages'
import { MemorySaver } from '@langchain/langgraph-checkpoint'
import { LangChainError, getRetryable } from '@langchain/core/errors'
import { PlimsollError } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { createAgent, createMiddleware, MiddlewareError, tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plimsollMiddleware, SpendLimitError, spendLimitMiddleware } from '../src/agents.ts'
import type { SpendLimitOptions } from '../src/agents.ts'
import { PlimsollCallbackHandler, withPlimsoll } from '../src/index.ts'
import { CLIENTS, listening, NOTHING_LEFT, openai, rejection, startFake } from './support.ts'

const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})
const tools = [weather]
const TOOL = { messages: [{ role: 'user', content: 'What is it like? [[tool=weather {"city":"Oslo"}]]' }] }

describe.each(Object.entries(CLIENTS))('the middleware, in an agent of %s', (_, { make, target }) => {
  it('governs each call of the model, however the agent is run', async () => {
    await using server = await startFake()
    const host = listening()
    const middleware = [plimsollMiddleware(host.plimsoll, { feature: 'agent' })]
    const agent = createAgent({ model: make(server), tools, middleware })
    const { messages } = await agent.invoke(TOOL, { metadata: { plimsoll: { tenant: 'acme' } } })
    expect(messages.map(({ type }) => type)).toEqual(['human', 'ai', 'tool', 'ai'])
    for await (const _piece of await agent.stream(TOOL, { streamMode: 'messages' }));
    for await (const _event of agent.streamEvents(TOOL, { version: 'v2' }));
    expect(host.records.map((record) => record.target)).toEqual(Array<string>(6).fill(target))
    expect(host.records[1]?.attributes).toMatchObject({ tenant: 'acme', feature: 'agent' })
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('counts once beside a wrapped model and a handler', async () => {
    await using server = await startFake()
    const host = listening()
    const middleware = [plimsollMiddleware(host.plimsoll)]
    const agent = createAgent({ model: withPlimsoll(make(server), host.plimsoll), tools, middleware })
    await agent.invoke(TOOL, { callbacks: [new PlimsollCallbackHandler(host.plimsoll)] })
    expect(host.records).toHaveLength(2)
  })

  it('tries again by Plimsoll alone', async () => {
    await using server = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const host = listening()
    const agent = createAgent({
      model: make(server),
      tools: [],
      middleware: [plimsollMiddleware(host.plimsoll)],
    })
    const error = PlimsollError.find(await rejection(agent.invoke({ messages: 'Hello' })))
    expect(error).toMatchObject({ code: 'provider-failed' })
    expect(server.stats().total.received).toBe(error?.attempts)
  })
})

describe('a refusal in an agent', () => {
  it('is found through what is wrapped around it, extends LangChain errors, and is not to be retried', async () => {
    await using server = await startFake()
    const host = listening({ targets: { 'openai/m': { limits: { tpm: 3 } } } })
    const around = createMiddleware({ name: 'Around', wrapModelCall: (request, handler) => handler(request) })
    const middleware = [around, plimsollMiddleware(host.plimsoll)]
    const error = await rejection(createAgent({ model: openai(server), tools, middleware }).invoke(TOOL))
    expect(error).toBeInstanceOf(MiddlewareError)
    const refusal = PlimsollError.find(error)
    expect(refusal).toBeInstanceOf(LangChainError)
    expect(refusal).toMatchObject({ name: 'PlimsollError', code: 'too-large', attempts: 0 })
    expect(getRetryable(refusal)).toBe(false)
    expect(server.stats().total.received).toBe(0)
  })
})

describe('the middleware', () => {
  it('governs a model that is named by a text', async () => {
    await using server = await startFake()
    const host = listening()
    process.env['OPENAI_BASE_URL'] = `${server.url}/v1`
    process.env['OPENAI_API_KEY'] = 'k'
    const middleware = [plimsollMiddleware(host.plimsoll)]
    const { messages } = await createAgent({ model: 'openai:m', tools, middleware }).invoke(TOOL)
    expect(messages).toHaveLength(4)
    expect(host.records.map(({ target }) => target)).toEqual(['openai/m', 'openai/m'])
    expect(server.stats().total.received).toBe(2)
  })

  it('locks out no middleware that calls models itself, even where there is room for one call', async () => {
    await using server = await startFake()
    const host = listening({
      targets: { 'openai/m': { limits: { concurrency: 1 } } },
      queue: { maxWaitMs: 5_000 },
    })
    const inner = withPlimsoll(openai(server), host.plimsoll)
    const asks = createMiddleware({
      name: 'Asks',
      async wrapModelCall(request, handler) {
        await inner.invoke('Is it safe?')
        const answer = await handler(request)
        await inner.invoke('Was it safe?')
        return answer
      },
    })
    const middleware = [plimsollMiddleware(host.plimsoll), asks]
    await createAgent({ model: openai(server), tools: [], middleware }).invoke({ messages: 'Hello' })
    expect(host.records.map(({ outcome }) => outcome)).toEqual(Array<string>(3).fill('finished'))
  })

  it('lets a tool call a model although there is room for one call', async () => {
    await using server = await startFake()
    const host = listening({ targets: { 'openai/m': { limits: { concurrency: 1 } } } })
    const model = withPlimsoll(openai(server), host.plimsoll)
    const asking = tool(async () => (await model.invoke('And?')).text, {
      name: 'weather',
      description: 'Asks.',
      schema: z.object({ city: z.string() }),
    })
    await createAgent({ model, tools: [asking] }).invoke(TOOL)
    expect(host.records).toHaveLength(3)
  })
})

function limited(server: FakeProvider, options: SpendLimitOptions) {
  const middleware = [spendLimitMiddleware(options)]
  return createAgent({ model: openai(server), tools, middleware, checkpointer: new MemorySaver() })
}

const inThread = (thread_id: string) => ({ configurable: { thread_id } })
/** In which the fake provider asks for the tool, then answers: about 170 and about 270 tokens. */
const FIRST = 100

describe('a limit of what is spent', () => {
  it('in a run ends it before the next call, with a message', async () => {
    await using server = await startFake()
    const agent = limited(server, { runLimit: { tokens: FIRST } })
    for (const thread of ['a', 'a', 'b']) {
      const { messages } = await agent.invoke(TOOL, inThread(thread))
      expect(messages.at(-1)).toBeInstanceOf(AIMessage)
      expect(messages.at(-1)?.text).toBe('This run has spent the 100 tokens that it may.')
    }
    expect(server.stats().total.received).toBe(3)
  })

  it('in a thread lasts from run to run, and holds for no other', async () => {
    await using server = await startFake()
    const agent = limited(server, { threadLimit: { tokens: FIRST }, exitBehavior: 'error' })
    const first = await rejection(agent.invoke(TOOL, inThread('a')))
    const second = await rejection(agent.invoke(TOOL, inThread('a')))
    for (const error of [first, second])
      expect(found(error)).toMatchObject({ of: 'thread', unit: 'tokens', limit: 100 })
    expect(server.stats().total.received).toBe(1)
    expect(found(await rejection(agent.invoke(TOOL, inThread('b'))))).toBeInstanceOf(SpendLimitError)
    expect(server.stats().total.received).toBe(2)
  })

  it('begins anew with each run, even after one that broke', async () => {
    await using server = await startFake()
    const agent = limited(server, { runLimit: { tokens: FIRST }, exitBehavior: 'error' })
    await rejection(agent.invoke(TOOL, inThread('a')))
    await rejection(agent.invoke(TOOL, inThread('a')))
    expect(server.stats().total.received).toBe(2)
  })

  it.each([
    ['a table by target', { 'openai/m': { input: 1_000, output: 1_000 } }],
    ['a table by model', { m: { input: 1_000, output: 1_000 } }],
    ['a source', () => ({ id: 'x', price: { input: 1_000, output: 1_000 } })],
  ])('may be in money, by %s', async (_, prices) => {
    await using server = await startFake()
    const agent = limited(server, { runLimit: { usd: 0.05 }, prices })
    const { messages } = await agent.invoke(TOOL, inThread('a'))
    expect(messages.at(-1)?.text).toBe('This run has spent the $0.05 that it may.')
    const generous = limited(server, { runLimit: { usd: 5 }, prices })
    expect((await generous.invoke(TOOL, inThread('a'))).messages).toHaveLength(4)
  })

  it('in money says so when it does not know what a model costs', async () => {
    await using server = await startFake()
    const agent = limited(server, { runLimit: { usd: 1 }, prices: { other: { input: 1, output: 1 } } })
    const error = await rejection(agent.invoke(TOOL, inThread('a')))
    expect(PlimsollError.find(error)).toMatchObject({
      code: 'unknown-price',
      message: expect.stringContaining('openai/m'),
    })
  })

  it('counts an answer that says nothing of its usage by its length', async () => {
    await using server = await startFake({ faults: [{ kind: 'missing-usage', rate: 1 }] })
    const agent = limited(server, { runLimit: { tokens: 10 } })
    const { messages } = await agent.invoke(TOOL, inThread('a'))
    expect(messages.at(-1)?.text).toMatch(/has spent/)
    expect(server.stats().total.received).toBe(1)
  })

  it.each<[SpendLimitOptions, RegExp]>([
    [{ runLimit: { tokens: Number.NaN } }, /`runLimit.tokens` is NaN/],
    [{ threadLimit: { usd: -1 }, prices: {} }, /`threadLimit.usd` is -1/],
    [{ threadLimit: { usd: 1 } }, /pass `prices`/],
  ])('that makes no sense is an error: %j', (options, message) => {
    expect(() => spendLimitMiddleware(options)).toThrow(message)
  })
})

function found(error: unknown): unknown {
  let current = error
  while (current instanceof Error && !(current instanceof SpendLimitError)) current = current.cause
  return current
}

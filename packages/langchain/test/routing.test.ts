import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { PlimsollError } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import type { Fault } from '@plimsoll/fake-provider'
import { createAgent, tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plimsollMiddleware } from '../src/agents.ts'
import { routedChatModel, withPlimsoll } from '../src/index.ts'
import { anthropic, listening, NOTHING_LEFT, openai, rejection, startFake, until } from './support.ts'

const DEAD = 'openai/primary'
const ALIVE = 'anthropic/secondary'

const schema = z.object({ city: z.string(), celsius: z.number() })
const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})
const TOOL = 'What is it like? [[tool=weather {"city":"Oslo"}]]'

/** OpenAI, of which nothing comes but errors, and Anthropic, which is well. */
async function two(fault: Fault = { kind: 'server-error', rate: 1 }, options: PlimsollConfig = {}) {
  const dead = await startFake({ faults: [fault] })
  const alive = await startFake()
  const host = listening({ tasks: { answer: { targets: [DEAD, ALIVE] } }, ...options })
  const models = {
    [DEAD]: openai(dead, { model: 'primary' }),
    [ALIVE]: anthropic(alive, { model: 'secondary' }),
  }
  return {
    ...host,
    dead,
    alive,
    model: routedChatModel(host.plimsoll, models, { task: 'answer' }),
    records: () => host.records,
    async [Symbol.asyncDispose]() {
      expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
      await dead.close()
      await alive.close()
    },
  }
}

describe('the first is dead, the second, of another provider, is well', () => {
  it.each(['rate-limit', 'insufficient-quota', 'overloaded', 'server-error', 'connection-reset'] as const)(
    'the second answers, whatever the first says: %s',
    async (kind) => {
      await using host = await two({ kind, rate: 1 }, { queue: { maxWaitMs: 50 } })
      const message = await host.model.invoke('Hello')
      expect(message.text).not.toBe('')
      expect(message.response_metadata).toMatchObject({ plimsoll: { target: ALIVE, fallback: true } })
    },
  )

  it('streams and events come from the second', async () => {
    await using host = await two()
    let text = ''
    for await (const chunk of await host.model.stream('Hello')) text += chunk.text
    expect(text).not.toBe('')
    const events: string[] = []
    for await (const { event } of host.model.streamEvents('Hello')) events.push(event)
    expect([events[0], events.at(-1)]).toEqual(['message-start', 'message-finish'])
    expect(host.records().map(({ target }) => target)).toEqual([ALIVE, ALIVE])
  })

  it('tools are bound to it in its own form', async () => {
    await using host = await two()
    const { tool_calls: calls } = await host.model.bindTools([weather]).invoke(TOOL)
    expect(calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
  })

  it('objects are asked for in its own way, and read so', async () => {
    await using host = await two()
    expect(await host.model.withStructuredOutput(schema).invoke('Hello')).toHaveProperty('celsius')
    const both = await host.model.withStructuredOutput(schema, { includeRaw: true }).invoke('Hello')
    expect(both.raw.response_metadata).toMatchObject({ plimsoll: { target: ALIVE } })
    expect(both.parsed).toHaveProperty('city')
  })

  it('and by the first, where that is well', async () => {
    await using host = await two({ kind: 'server-error', afterRequests: 1 })
    expect(await host.model.withStructuredOutput(schema).invoke('Hello')).toHaveProperty('celsius')
    expect(host.records().map(({ target }) => target)).toEqual([DEAD])
  })

  it('agents go on with it, whole and streamed', async () => {
    await using host = await two()
    const agent = createAgent({ model: host.model, tools: [weather] })
    const messages = [{ role: 'user', content: TOOL }]
    const whole = await agent.invoke({ messages })
    expect(whole.messages.map(({ type }) => type)).toEqual(['human', 'ai', 'tool', 'ai'])
    const pieces: unknown[] = []
    for await (const piece of await agent.stream({ messages }, { streamMode: 'messages' })) pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(3)
    expect(host.records().every(({ target, fallback }) => target === ALIVE && fallback)).toBe(true)
  })

  it('at least 99.9 % of a thousand are answered', { timeout: 120_000 }, async () => {
    await using host = await two()
    let answered = 0
    for (let batch = 0; batch < 20; batch++)
      await Promise.allSettled(
        Array.from({ length: 50 }, async (_, index) => {
          if ((await host.model.invoke(`Question ${batch}.${index}`)).text !== '') answered++
        }),
      )
    expect(answered).toBeGreaterThanOrEqual(999)
  })
})

describe('a routed model', () => {
  it('hands a configuration to the one chosen, and keeps its metadata for the run', async () => {
    await using host = await two()
    const bound = host.model
      .withConfig({ metadata: { plimsoll: { tenant: 'acme' } } })
      .withConfig({ stop: ['x'] })
    await bound.bindTools([weather]).invoke('Hello', { metadata: { other: 1 } })
    expect(host.records()[0]?.attributes).toMatchObject({ tenant: 'acme', task: 'answer' })
  })

  it('may choose among models that are governed already: each call is governed once', async () => {
    await using server = await startFake()
    const host = listening()
    const models = { 'openai/m': withPlimsoll(openai(server), host.plimsoll) }
    await routedChatModel(host.plimsoll, models).invoke('Hello')
    expect(host.records).toHaveLength(1)
    expect(server.stats().total.received).toBe(1)
  })

  it('that is wrapped, or in an agent whose model is governed, still chooses, and is governed once', async () => {
    await using host = await two()
    const { plimsoll } = host
    await withPlimsoll(host.model, plimsoll, { feature: 'chat', task: 'other' }).invoke('Hello')
    const middleware = [plimsollMiddleware(plimsoll, { feature: 'agent' })]
    const agent = createAgent({ model: host.model, tools: [weather], middleware })
    await agent.invoke({ messages: [{ role: 'user', content: TOOL }] })
    expect(
      host.records().map(({ target, attributes }) => [target, attributes.feature, attributes.task]),
    ).toEqual([
      [ALIVE, 'chat', 'answer'],
      [ALIVE, 'agent', 'answer'],
      [ALIVE, 'agent', 'answer'],
    ])
  })

  it('may be under another Plimsoll as a whole', async () => {
    await using host = await two()
    const around = listening()
    const model = withPlimsoll(host.model, around.plimsoll)
    expect((await model.bindTools([weather]).invoke('Hello')).text).not.toBe('')
    expect(around.records).toHaveLength(1)
    expect(host.records()).toMatchObject([{ target: ALIVE }])
  })

  it('streams a model that does not', async () => {
    const host = listening()
    const silent = new FakeListChatModel({ responses: ['All at once.'] })
    silent.disableStreaming = true
    const model = routedChatModel(host.plimsoll, { 'list/m': silent })
    const pieces: string[] = []
    for await (const chunk of await model.stream('Hello')) pieces.push(chunk.text)
    expect(pieces).toEqual(['All at once.'])
  })

  it('keeps the length that each of its models has, unless the task says another', async () => {
    await using server = await startFake()
    await using dead = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const host = listening({
      tasks: { long: { targets: ['anthropic/a', 'openai/b'] }, short: { maxOutputTokens: 5 } },
    })
    const b = openai(server, { model: 'b' })
    const both = { 'anthropic/a': anthropic(dead, { model: 'a', maxTokens: 7 }), 'openai/b': b }
    const asked = 'Hello [[tokens=30]]'
    await routedChatModel(host.plimsoll, both, { task: 'long' }).invoke(asked)
    await routedChatModel(host.plimsoll, { 'openai/b': b }, { task: 'short' }).invoke(asked)
    await withPlimsoll(b, host.plimsoll, { task: 'short' }).invoke(asked)
    expect(host.records.map(({ usage }) => usage.outputTokens)).toEqual([30, 5, 5])
  })

  it('throws one error of ours when none can answer', async () => {
    await using dead = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const host = listening()
    const models = { a: openai(dead, { model: 'a' }), b: openai(dead, { model: 'b' }) }
    const error = await rejection(routedChatModel(host.plimsoll, models).invoke('Hello'))
    expect(PlimsollError.find(error)).toMatchObject({ code: 'no-target' })
    await until(() => host.records.length === 1)
  })

  it('needs a model', () => {
    const none: Record<string, BaseChatModel> = {}
    expect(() => routedChatModel(listening().plimsoll, none)).toThrow(/at least one model/)
  })
})

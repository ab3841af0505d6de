import { AIMessage } from '@langchain/core/messages'
import { RunnableLambda } from '@langchain/core/runnables'
import { PlimsollError } from '@plimsoll/core'
import { createAgent, tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PlimsollCallbackHandler, routedChatModel, UsageCallbackHandler, withPlimsoll } from '../src/index.ts'
import {
  CLIENTS,
  holdSlot,
  listening,
  NOTHING_LEFT,
  openai,
  QUICK,
  rejection,
  startFake,
  until,
} from './support.ts'

const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})
const TOOL = { messages: [{ role: 'user', content: 'What is it like? [[tool=weather {"city":"Oslo"}]]' }] }
const maxRetries = 0

describe.each(Object.entries(CLIENTS))('the handler, on calls of %s', (_, { make, target }) => {
  it('counts each way to call once, and leaves nothing open', async () => {
    await using server = await startFake()
    const host = listening()
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = make(server, { maxRetries })
    await model.invoke('Hello', { callbacks })
    for await (const _chunk of await model.stream('Hello', { callbacks }));
    for await (const _event of model.streamEvents('Hello', { version: 'v2', callbacks }));
    await model.batch(['a', 'b'], { callbacks }, { maxConcurrency: 1 })
    await model.generate([['a'], ['b']], { callbacks })
    expect(host.records).toHaveLength(7)
    for (const record of host.records)
      expect(record).toMatchObject({ target, outcome: 'finished', estimated: false, attempts: 1 })
    expect(host.records[0]?.usage.outputTokens).toBe(20)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('governs agents, whole and streamed, by what is attached around them', async () => {
    await using server = await startFake()
    const host = listening()
    const agent = createAgent({ model: make(server, { maxRetries }), tools: [weather] })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    await agent.invoke(TOOL, { callbacks, metadata: { plimsoll: { tenant: 'acme' } } })
    for await (const _piece of await agent.stream(TOOL, { callbacks, streamMode: 'messages' }));
    expect(host.records).toHaveLength(4)
    expect(host.records[1]?.attributes.tenant).toBe('acme')
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('lets no more be sent at once than there is room for', async () => {
    await using server = await startFake()
    const host = listening({ targets: { [target]: { limits: { concurrency: 2 } } } })
    const model = make(server, { maxRetries })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    await Promise.all(Array.from({ length: 8 }, (_each, index) => model.invoke(`${index}`, { callbacks })))
    expect(server.stats().total).toMatchObject({ received: 8 })
    expect(server.stats().total.peakInFlight).toBeLessThanOrEqual(2)
  })

  it('stops what is refused before it is sent, whichever way it is called', async () => {
    await using server = await startFake()
    const host = listening({ targets: { [target]: { limits: { tpm: 3 } } } })
    const model = make(server, { maxRetries })
    const options = { callbacks: [new PlimsollCallbackHandler(host.plimsoll)] }
    const agent = createAgent({ model, tools: [weather] })
    const errors = [
      await rejection(model.invoke('Hello', options)),
      await rejection(model.stream('Hello', options)),
      await rejection(agent.invoke(TOOL, options)),
    ]
    for (const error of errors) expect(PlimsollError.find(error)).toMatchObject({ code: 'too-large' })
    expect(server.stats().total.received).toBe(0)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('leaves the queue on an abort', async () => {
    await using server = await startFake()
    const host = listening({ targets: { [target]: { limits: { concurrency: 1 } } } })
    const free = await holdSlot(host.plimsoll, target)
    const caller = new AbortController()
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const left = rejection(make(server, { maxRetries }).invoke('Hello', { callbacks, signal: caller.signal }))
    await until(() => host.plimsoll.state().waiting === 1)
    caller.abort(new Error('gone'))
    expect(await left).toMatchObject({ message: expect.stringContaining('gone') })
    free()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    expect(server.stats().total.received).toBe(0)
    expect(host.records).toMatchObject([{ outcome: 'aborted' }])
  })

  it('gives back what an aborted call held', async () => {
    await using server = await startFake({ models: { '*': { ...QUICK, tokensPerSecond: 100 } } })
    const host = listening()
    const caller = new AbortController()
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = make(server, { maxRetries, maxTokens: 5_000 })
    const left = rejection(model.invoke('Hello [[tokens=5000]]', { callbacks, signal: caller.signal }))
    await until(() => server.stats().total.received === 1)
    caller.abort()
    await left
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'aborted', estimated: true }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('gives back what a stream held that was left, when its lease runs out', async () => {
    await using server = await startFake({ models: { '*': { ...QUICK, tokensPerSecond: 500 } } })
    const host = listening({ leaseMs: 200 })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = make(server, { maxRetries, maxTokens: 5_000 })
    for await (const _chunk of await model.stream('Hello [[tokens=5000]]', { callbacks })) break
    await until(() => host.records.length === 1)
    expect(host.of('lease.expired')).toHaveLength(1)
    expect(host.records).toMatchObject([{ outcome: 'aborted', estimated: true }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('keeps the lease of a stream that goes on, each piece anew', async () => {
    await using server = await startFake({ models: { '*': { ...QUICK, tokensPerSecond: 100 } } })
    const host = listening({ leaseMs: 300 })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = make(server, { maxRetries })
    for await (const _chunk of await model.stream('Hello [[tokens=80]]', { callbacks }));
    expect(host.of('lease.expired')).toEqual([])
    expect(host.records).toMatchObject([{ outcome: 'finished', estimated: false }])
    const { firstContent = 0, total } = host.records[0]!.latencyMs
    expect(firstContent).toBeLessThan(total)
  })

  it('tells the core of a rate limit, which others then wait for, and its caller of the error', async () => {
    await using server = await startFake()
    const host = listening()
    server.inject({ kind: 'rate-limit', retryAfterMs: 50 })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = make(server, { maxRetries })
    expect(await rejection(model.invoke('Hello', { callbacks }))).toMatchObject({ status: 429 })
    expect(host.of('limit.paused')).toMatchObject([{ target }])
    expect((await model.invoke('Hello', { callbacks })).text).not.toBe('')
    expect(host.records.map(({ outcome, rateLimited }) => [outcome, rateLimited])).toEqual([
      ['failed', 1],
      ['finished', 0],
    ])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('the handler', () => {
  it('gives back the room of those that were let in beside one that is refused', async () => {
    await using server = await startFake()
    const host = listening({ targets: { 'openai/m': { limits: { tpm: 2_000 } } } })
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    const model = openai(server, { maxRetries, maxTokens: 20 })
    const error = await rejection(model.generate([['a'], ['long '.repeat(5_000)]], { callbacks }))
    expect(PlimsollError.find(error)).toMatchObject({ code: 'too-large' })
    await until(() => host.records.length === 2)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    expect(server.stats().total.received).toBe(0)
  })

  it('counts once, however often it is attached, and not what a wrapped or routed model governs', async () => {
    await using server = await startFake()
    const host = listening()
    const handler = new PlimsollCallbackHandler(host.plimsoll)
    const other = new PlimsollCallbackHandler(host.plimsoll)
    const model = openai(server, { maxRetries })
    model.callbacks = [handler]
    await model.invoke('Hello', { callbacks: [handler, other] })
    expect(host.records).toHaveLength(1)
    await withPlimsoll(model, host.plimsoll).invoke('Hello', { callbacks: [other] })
    await routedChatModel(host.plimsoll, { 'openai/m': model }).invoke('Hello', { callbacks: [other] })
    expect(host.records).toHaveLength(3)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('wants to hear that it is enough where the configuration asks for more, and names what does it', () => {
    const { plimsoll } = listening({ tasks: { faq: { cache: { ttlMs: 1 } } }, hedge: true })
    expect(() => new PlimsollCallbackHandler(plimsoll)).toThrow(/`hedge`, `tasks.faq.cache`.*withPlimsoll/)
    expect(new PlimsollCallbackHandler(plimsoll, { only: 'budget' }).raiseError).toBe(true)
  })

  it('says once that a model tries again by itself', async () => {
    await using server = await startFake()
    const warnings: string[] = []
    const hear = ({ message }: Error): void => void (message.includes('maxRetries') && warnings.push(message))
    process.on('warning', hear)
    const { plimsoll } = listening()
    const callbacks = [new PlimsollCallbackHandler(plimsoll), new UsageCallbackHandler(plimsoll)]
    await openai(server, { maxRetries: 0 }).invoke('Hello', { callbacks })
    await new Promise(setImmediate)
    const silent = warnings.length
    await openai(server).invoke('Hello', { callbacks })
    await openai(server, { maxRetries: 2 }).invoke('Hello', { callbacks })
    await new Promise(setImmediate)
    process.off('warning', hear)
    expect(silent).toBe(0)
    expect(warnings).toEqual([expect.stringMatching(/up to 6 times.*withPlimsoll/)])
  })
})

describe('the handler that only looks on', () => {
  it('records every call, and holds up none', async () => {
    await using server = await startFake()
    const prices = { 'openai/m': { input: 1_000, output: 1_000 } }
    const host = listening({ prices, targets: { 'openai/m': { limits: { tpm: 1 } } } })
    const callbacks = [new UsageCallbackHandler(host.plimsoll)]
    const model = openai(server, { maxRetries })
    await host.plimsoll.with({ tenant: 'acme' }, async () => {
      await model.invoke('Hello', { callbacks, metadata: { plimsoll: { tenant: 'other', user: 'ada' } } })
      for await (const _chunk of await model.stream('Hello', { callbacks }));
    })
    expect(host.records).toHaveLength(2)
    expect(host.records[0]).toMatchObject({
      outcome: 'finished',
      attributes: { tenant: 'acme', user: 'ada' },
      usage: { outputTokens: 20 },
      costUsd: 0.029,
    })
    expect(host.records[1]?.latencyMs.firstContent).toBeGreaterThan(0)
  })

  it('counts nothing that is governed already', async () => {
    await using server = await startFake()
    const host = listening()
    const usage = new UsageCallbackHandler(host.plimsoll)
    const model = openai(server, { maxRetries })
    await withPlimsoll(model, host.plimsoll).invoke('Hello', { callbacks: [usage] })
    for (const callbacks of [
      [usage, new PlimsollCallbackHandler(host.plimsoll)],
      [new PlimsollCallbackHandler(host.plimsoll), usage],
    ])
      await model.invoke('Hello', { callbacks })
    expect(host.records).toHaveLength(3)
  })

  it('tells how calls fail, and lets them', async () => {
    await using server = await startFake({ faults: [{ kind: 'server-error' }] })
    const host = listening()
    const callbacks = [new UsageCallbackHandler(host.plimsoll)]
    const error = await rejection(openai(server, { maxRetries }).invoke('Hello', { callbacks }))
    expect(error).toMatchObject({ status: 500 })
    expect(host.records).toMatchObject([{ outcome: 'failed', reason: 'server' }])
  })

  it('never spoils a call, whatever metadata says', async () => {
    const host = listening()
    const usage = new UsageCallbackHandler(host.plimsoll)
    const model = RunnableLambda.from(() => new AIMessage('-'))
    await model.invoke('Hello', { callbacks: [usage] })
    await using server = await startFake()
    const metadata = { plimsoll: { tenant: 7 } }
    const { text } = await openai(server, { maxRetries }).invoke('Hello', { callbacks: [usage], metadata })
    expect(text).not.toBe('')
  })
})

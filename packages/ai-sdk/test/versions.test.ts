import { createOpenAI } from '@ai-sdk/openai'
import { PlimsollError } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import * as ai from 'ai'
import * as ai6 from 'ai6'
import { createOpenAI as createOpenAI6 } from 'ai6-openai'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import { CLIENTS, VERSIONS } from './clients.ts'
import type { Middlewares } from './clients.ts'
import { holdSlot, listening, NOTHING_LEFT, rejection, startFake, until } from './support.ts'
import type { Listening } from './support.ts'

const TARGET = 'openai/m'
const ONE_SLOT = { targets: { [TARGET]: { limits: { concurrency: 1 } } } }

function middlewares({ plimsoll }: Listening): Middlewares {
  return { language: plimsollMiddleware(plimsoll), embedding: plimsollEmbeddingMiddleware(plimsoll) }
}

/** What the server counted, as usage of the core. */
function counted(server: FakeProvider) {
  const { promptTokens, completionTokens } = server.stats().total
  return { inputTokens: promptTokens, outputTokens: completionTokens }
}

describe.each(VERSIONS)('%s', (_, createClient) => {
  function setUp(server: FakeProvider, config?: PlimsollConfig) {
    const host = listening(config)
    return { host, client: createClient(server, middlewares(host)) }
  }

  it('is settled by exactly what was used, whole and streamed, and says so', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server)
    const { providerMetadata } = await client.text('Hello')
    expect(host.records[0]).toMatchObject({ usage: counted(server), estimated: false, target: TARGET })
    const { answer } = await client.stream('Hello')
    expect(host.records[1]?.usage).toEqual(host.records[0]?.usage)
    for (const metadata of [providerMetadata, answer?.providerMetadata]) {
      expect(metadata).toMatchObject({ plimsoll: { target: TARGET }, openai: { serviceTier: 'default' } })
    }
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('runs tools with a single slot, and gives objects', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server, ONE_SLOT)
    const prompt = 'What is the weather? [[tool=weather {"city":"Paris"}]]'
    const expected = { steps: 2, outputs: ['Paris: sunny'] }
    expect(await client.tools(prompt, 'whole')).toEqual(expected)
    expect(await client.tools(prompt, 'streamed')).toEqual(expected)
    expect(await client.object('Weather')).toEqual({ city: 'text', celsius: 1 })
    expect(host.records.every(({ estimated }) => !estimated)).toBe(true)
    expect(host.records).toHaveLength(5)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('embeds', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server)
    const { embedding, usage } = await client.embed('Hello')
    expect(embedding).toHaveLength(8)
    expect(usage.tokens).toBe(server.stats().total.promptTokens)
    expect(host.records).toMatchObject([{ target: 'openai/e', usage: { inputTokens: usage.tokens } }])
  })

  it('waits out a rate limit: one answer, and no error to be retried', async () => {
    await using server = await startFake({ faults: [{ kind: 'rate-limit', retryAfterMs: 50, times: 2 }] })
    const { host, client } = setUp(server, { targets: { [TARGET]: { limits: { rpm: 6_000 } } } })
    expect((await client.text('Hello', { maxRetries: 0 })).text).not.toBe('')
    expect((await client.stream('Hello', { maxRetries: 0 })).errors).toEqual([])
    expect(server.stats().total.byStatus).toEqual({ 200: 2, 429: 2 })
    const rateLimited = host.records.reduce((sum, record) => sum + record.rateLimited, 0)
    expect([host.records.length, rateLimited]).toEqual([2, 2])
  })

  it('does not retry a refusal', async () => {
    await using server = await startFake()
    const small = { limits: { tpm: 1 } }
    const { host, client } = setUp(server, { targets: { [TARGET]: small, 'openai/e': small } })
    const refused = await rejection(client.text('Hello', { maxRetries: 2 }))
    expect(PlimsollError.find(refused)).toMatchObject({ code: 'too-large', attempts: 0 })
    const { parts, errors } = await client.stream('Hello', { maxRetries: 2 })
    expect(parts).toEqual(['start', 'error'])
    expect(PlimsollError.find(errors[0])).toMatchObject({ code: 'too-large' })
    const embedding = await rejection(client.embed('Hello there', { maxRetries: 2 }))
    expect(PlimsollError.find(embedding)).toMatchObject({ code: 'too-large' })
    // Each was asked for once: a refusal that is retried would be counted again.
    expect(host.records).toHaveLength(3)
    expect(server.stats().total.received).toBe(0)
  })

  it('leaves the queue when its caller does', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server, ONE_SLOT)
    const release = await holdSlot(host.plimsoll, TARGET)
    const caller = new AbortController()
    const whole = rejection(client.text('Hello', { abortSignal: caller.signal }))
    const streamed = client.stream('Hello', { abortSignal: caller.signal })
    await until(() => host.plimsoll.state().waiting === 2)
    caller.abort(new Error('gone'))
    expect(host.plimsoll.state()).toEqual({ waiting: 0, reservations: 1 })
    expect(await whole).toMatchObject({ message: 'gone' })
    expect((await streamed).parts).toEqual(['start', 'abort'])
    release()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    expect(server.stats().total.received).toBe(0)
  })

  it('aborts its request when its caller leaves it in flight, whole and streamed', async () => {
    await using server = await startFake({ faults: [{ kind: 'stall', times: 2 }] })
    const { host, client } = setUp(server)
    const caller = new AbortController()
    const whole = rejection(client.text('Hello', { abortSignal: caller.signal }))
    const streamed = client.stream('Hello', { abortSignal: caller.signal })
    await until(() => server.stats().total.inFlight === 2)
    caller.abort(new Error('gone'))
    expect(await whole).toMatchObject({ message: 'gone' })
    expect((await streamed).answer).toBeUndefined()
    await until(() => server.stats().total.abortedByClient === 2)
    const aborted = { outcome: 'aborted', estimated: true }
    expect(host.records).toMatchObject([aborted, aborted])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it.each([
    ['error-event', 0, ['start', 'error']],
    ['error-event', 1, ['error', 'finish-step', 'finish']],
    ['cut', 1, ['text-delta', 'thrown']],
  ] as const)('has failed with %s after %i chunks', async (kind, afterChunks, parts) => {
    await using server = await startFake()
    server.inject({ kind, afterChunks })
    const { host, client } = setUp(server, { retry: { maxAttempts: 1 } })
    const streamed = await client.stream('Hello [[tokens=3000]]', { maxRetries: 0 })
    expect(streamed.parts.slice(-parts.length)).toEqual(parts)
    expect(host.records).toMatchObject([{ outcome: 'failed' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('AI SDK 6 and 7 in one process', () => {
  it('share the limits of one Plimsoll through one middleware', async () => {
    const limits = [{ unit: 'requests', amount: 4, perMs: 300, algorithm: 'sliding-window' } as const]
    await using server = await startFake({ models: { m: { ttftMs: 1, limits } } })
    const host = listening({ targets: { [TARGET]: { limits } } })
    const both = middlewares(host)
    const clients = Object.values(CLIENTS).map((create) => create(server, both))
    const calls = Array.from({ length: 10 }, (_, index) =>
      clients[index % 2]!.text(`Hello ${index}`, { maxRetries: 0 }),
    )
    await Promise.all(calls)
    expect(server.stats().total.rejected.total).toBe(0)
    expect(host.records).toHaveLength(10)
  })

  it('withPlimsoll governs a provider of AI SDK 6, below its registry too', async () => {
    await using server = await startFake()
    const host = listening()
    const openai = withPlimsoll(createOpenAI6({ baseURL: `${server.url}/v1`, apiKey: 'k' }), host.plimsoll, {
      tenant: 'acme',
    })
    const registry = ai6.createProviderRegistry({ openai })
    await ai6.generateText({ model: openai.chat('a'), prompt: 'Hello' })
    await ai6.generateText({ model: registry.languageModel('openai:b'), prompt: 'Hello' })
    await ai6.embedMany({ model: registry.embeddingModel('openai:c'), values: ['Hello', 'there'] })
    expect(host.records.map(({ target }) => target)).toEqual(['openai/a', 'openai/b', 'openai/c'])
    const finished = { attributes: { tenant: 'acme' }, estimated: false, outcome: 'finished' }
    expect(host.records).toMatchObject([finished, finished, finished])
  })

  it('know a stream that breaks off, which AI SDK 6 has no word for', async () => {
    await using server = await startFake()
    const host = listening()
    const breaking: typeof fetch = async (url, init) => {
      const whole = await fetch(url, init)
      const text = await whole.text()
      return new Response(text.slice(0, text.indexOf('event: response.output_text.done')), whole)
    }
    const settings = { baseURL: `${server.url}/v1`, apiKey: 'k', fetch: breaking }
    const six = withPlimsoll(createOpenAI6(settings), host.plimsoll)
    await ai6.streamText({ model: six('m'), prompt: 'Hello' }).consumeStream()
    const seven = withPlimsoll(createOpenAI(settings), host.plimsoll)
    await ai.streamText({ model: seven('m'), prompt: 'Hello' }).consumeStream()
    const interrupted = { outcome: 'interrupted', estimated: true }
    expect(host.records).toMatchObject([interrupted, interrupted])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('reads the files that a request of AI SDK 6 holds', async () => {
    await using server = await startFake()
    const host = listening({ targets: { [TARGET]: { limits: { tpm: 100_000 } } } })
    const openai = withPlimsoll(createOpenAI6({ baseURL: `${server.url}/v1`, apiKey: 'k' }), host.plimsoll)
    const content = [
      { type: 'text', text: 'Look' } as const,
      { type: 'image', image: new Uint8Array([1, 2, 3]), mediaType: 'image/png' } as const,
    ]
    await ai6.generateText({ model: openai('m'), messages: [{ role: 'user', content }], maxOutputTokens: 16 })
    const [reserved] = host.of('budget.reserved')
    expect(Math.max(...Object.values(reserved?.amounts ?? {}))).toBeGreaterThan(765)
  })
})

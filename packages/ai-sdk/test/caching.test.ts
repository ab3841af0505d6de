import { createAnthropic } from '@ai-sdk/anthropic'
import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { generateText, Output, streamText, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plimsollEmbeddingMiddleware, plimsollMiddleware } from '../src/index.ts'
import { VERSIONS } from './clients.ts'
import {
  answer,
  listening,
  NOTHING_LEFT,
  PROMPT,
  QUICK,
  readAll,
  startFake,
  textParts,
  until,
  upstream,
} from './support.ts'

const CACHED = { tasks: { faq: { cache: { ttlMs: 3_600_000 } } } } satisfies PlimsollConfig
const FAQ = { tenant: 'acme', task: 'faq' }

/** A store that keeps what JSON makes of it. */
function jsonStore() {
  const map = new Map<string, string>()
  return {
    map,
    get: async (key: string) => map.get(key),
    set: async (key: string, value: string) => map.set(key, value),
  }
}

describe.each(VERSIONS)('%s', (_, createClient) => {
  function setUp(server: FakeProvider, config: PlimsollConfig = CACHED) {
    const host = listening(config)
    const language = plimsollMiddleware(host.plimsoll, FAQ)
    const embedding = plimsollEmbeddingMiddleware(host.plimsoll, FAQ)
    return { host, client: createClient(server, { language, embedding }) }
  }

  it('text, streams, objects and embeddings are had once, and the same again for nothing', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server)
    const ask = async () => {
      const text = await client.text('Hello')
      const { answer: streamed, parts, errors } = await client.stream('Hello')
      expect(errors).toEqual([])
      const object = await client.object('Weather')
      const { embedding } = await client.embed('Hello')
      const { text: said, usage, finishReason } = streamed!
      return {
        said: [text.text, text.usage, text.finishReason, said, usage, finishReason, parts, object, embedding],
        metadata: [text.providerMetadata, streamed!.providerMetadata].map((all) => all?.['plimsoll']),
      }
    }
    const first = await ask()
    const { total } = server.stats()
    const second = await ask()
    expect(second.said).toEqual(first.said)
    expect(server.stats().total).toMatchObject({ received: 4, completionTokens: total.completionTokens })
    const TARGET = 'openai/m'
    expect(first.metadata).toEqual([{ target: TARGET }, { target: TARGET }])
    expect(second.metadata).toEqual([
      { target: TARGET, cache: 'hit' },
      { target: TARGET, cache: 'hit' },
    ])
    await until(() => host.records.length === 8)
    for (const record of host.records.slice(4))
      expect(record).toMatchObject({
        cache: 'hit',
        attempts: 0,
        usage: { inputTokens: 0, outputTokens: 0 },
        costUsd: 0,
        outcome: 'finished',
      })
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('ten at once are one request, streamed and whole', async () => {
    await using server = await startFake()
    const { host, client } = setUp(server)
    const texts = await Promise.all(Array.from({ length: 10 }, () => client.text('Hello')))
    expect(new Set(texts.map(({ text }) => text)).size).toBe(1)
    expect(server.stats().total.received).toBe(1)
    const streams = await Promise.all(Array.from({ length: 10 }, () => client.stream('Hello')))
    expect(new Set(streams.map((one) => one.answer?.text)).size).toBe(1)
    expect(server.stats().total.received).toBe(2)
    expect(host.records.filter(({ cache }) => cache === 'joined')).toHaveLength(18)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('an answer that was cut is asked for again', async () => {
    await using server = await startFake()
    const { client } = setUp(server)
    const options = { maxOutputTokens: 16 }
    expect((await client.text('Hello [[tokens=50]]', options)).finishReason).toBe('length')
    expect((await client.text('Hello [[tokens=50]]', options)).finishReason).toBe('length')
    expect(server.stats().total.received).toBe(2)
  })

  it('a tool call and the answer to its result are each kept', async () => {
    await using server = await startFake()
    const { client } = setUp(server)
    const prompt = 'What is the weather? [[tool=weather {"city":"Paris"}]]'
    const first = await client.tools(prompt, 'streamed')
    expect(await client.tools(prompt, 'streamed')).toEqual(first)
    expect(server.stats().total.received).toBe(2)
  })

  it('a stream of which one reader leaves goes on for the other', async () => {
    await using server = await startFake()
    const { client } = setUp(server)
    const controller = new AbortController()
    const prompt = 'Hello [[tokens=300]]'
    const leaving = client.stream(prompt, { abortSignal: controller.signal }).catch(() => undefined)
    const staying = client.stream(prompt)
    controller.abort()
    const { answer: streamed } = await staying
    await leaving
    expect(streamed?.finishReason).toBe('stop')
    expect(server.stats().total).toMatchObject({ received: 1, completionTokens: 300, abortedByClient: 0 })
  })
})

describe('a store that knows only JSON', () => {
  it('gives back dates, and the metadata says that it is from the cache', async () => {
    const store = jsonStore()
    const timestamp = new Date('2026-11-23T06:00:00Z')
    const doGenerate = async () => ({ ...answer('Hi'), response: { id: 'r', timestamp, modelId: 'm' } })
    const cache = { store, secret: 'a secret of the tests' }
    const ask = () => {
      const { plimsoll } = listening({ ...CACHED, cache })
      const model = new MockLanguageModelV4({ doGenerate })
      return { plimsoll, model: wrapLanguageModel({ model, middleware: plimsollMiddleware(plimsoll, FAQ) }) }
    }
    const first = ask()
    await generateText({ model: first.model, prompt: 'Hello' })
    await first.plimsoll.flush()
    // Another process.
    const { response, providerMetadata, text } = await generateText({ model: ask().model, prompt: 'Hello' })
    expect({ text, timestamp: response.timestamp }).toEqual({ text: 'Hi', timestamp })
    expect(providerMetadata?.['plimsoll']).toMatchObject({ cache: 'hit' })
    expect([...store.map.values()].some((value) => value.includes('Hi'))).toBe(true)
    expect([...store.map.keys()].join()).not.toMatch(/acme|Hello|faq/)
  })
})

describe('an object', () => {
  const schema = z.object({ city: z.string() })

  it.each(['whole', 'streamed'])('that is not as it was asked for is not served again (%s)', async (how) => {
    const host = listening(CACHED)
    const texts = ['{"city": 1}', 'no JSON', '{"city": "Paris"}', '{"city": "Rome"}']
    let calls = 0
    const inner = new MockLanguageModelV4({
      doGenerate: async () => answer(texts[calls++]!),
      doStream: async () => {
        const parts = textParts(1).map((part) =>
          part.type === 'text-delta' ? { ...part, delta: texts[calls]! } : part,
        )
        calls++
        return upstream(parts).result
      },
    })
    const model = wrapLanguageModel({ model: inner, middleware: plimsollMiddleware(host.plimsoll, FAQ) })
    const output = Output.object({ schema })
    const ask = async () => {
      try {
        if (how === 'whole') return (await generateText({ model, prompt: 'Where?', output })).output
        return await streamText({ model, prompt: 'Where?', output, onError: () => {} }).output
      } catch {
        return 'invalid'
      }
    }
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([
      'invalid',
      'invalid',
      { city: 'Paris' },
      { city: 'Paris' },
    ])
    expect(calls).toBe(3)
  })
})

describe("the provider's own cache of prompts", () => {
  const models = { '*': { ...QUICK, tokenBias: 1, promptCache: { minTokens: 1_024 } } }
  const LONG = 'word '.repeat(2_000)
  const prices = { 'claude-haiku-4-5': { input: 1, output: 5, cacheRead: 0.1, cacheWrite5m: 1.25 } }

  async function ask(server: FakeProvider, options: { task: string; system?: string }) {
    const { task, system = LONG } = options
    const host = listening({ tasks: { marked: { promptCache: true }, plain: {} }, prices })
    const anthropic = createAnthropic({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const model = wrapLanguageModel({
      model: anthropic('claude-haiku-4-5'),
      middleware: plimsollMiddleware(host.plimsoll, { task, promptVersion: 'v1' }),
    })
    for (const prompt of ['One', 'Two', 'Three']) {
      // oxlint-disable-next-line no-await-in-loop -- the first one writes what the others read
      await generateText({ model, system, prompt, maxOutputTokens: 50 })
    }
    return host
  }

  it('is written once and read by the others, where the task wants it', async () => {
    await using server = await startFake({ models })
    const host = await ask(server, { task: 'marked' })
    const { cachedTokens, writtenTokens } = server.stats().total
    expect(writtenTokens).toBeGreaterThan(1_024)
    expect(cachedTokens).toBe(2 * writtenTokens)
    const { rows } = host.plimsoll.report({ by: ['promptVersion'] })
    expect(rows[0]).toMatchObject({ key: { promptVersion: 'v1' } })
    expect(rows[0]!.promptCacheRate).toBeGreaterThan(0.6)
  })

  it.each([
    ['amazon-bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', true],
    ['amazon-bedrock', 'amazon.nova-pro-v1:0', true],
    ['amazon-bedrock', 'meta.llama3-70b-instruct-v1:0', false],
    ['vertex.anthropic.messages', 'claude-sonnet-4-5@20250929', true],
    ['openai.responses', 'gpt-5-mini', false],
  ])('is marked for %s and %s: %s', async (provider, modelId, isMarked) => {
    const host = listening({ tasks: { marked: { promptCache: true } } })
    const inner = new MockLanguageModelV4({ provider, modelId, doGenerate: answer('Hi') })
    const middleware = plimsollMiddleware(host.plimsoll, { task: 'marked' })
    await generateText({
      model: wrapLanguageModel({ model: inner, middleware }),
      system: LONG,
      prompt: 'Hello',
    })
    const [system, user] = inner.doGenerateCalls[0]!.prompt
    const marks = {
      anthropic: { cacheControl: { type: 'ephemeral' } },
      bedrock: { cachePoint: { type: 'default' } },
    }
    expect(system!.providerOptions).toEqual(isMarked ? marks : undefined)
    expect(user!.providerOptions).toBeUndefined()
  })

  it('where a prompt stops being the same is told, once', async () => {
    const host = listening({ tasks: { marked: { promptCache: true } } })
    const inner = new MockLanguageModelV4({ doGenerate: async () => answer('Hi') })
    const middleware = plimsollMiddleware(host.plimsoll, { task: 'marked' })
    const model = wrapLanguageModel({ model: inner, middleware })
    for (const time of ['10:01', '10:02', '10:03'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await generateText({ model, system: `It is ${time}. ${LONG}`, prompt: 'Hello' })
    expect(host.of('prefix.changed')).toMatchObject([{ position: 0, kind: 'text' }])
  })

  it('is left alone where it does not, and where the prefix is too short to be kept', async () => {
    await using server = await startFake({ models })
    await ask(server, { task: 'plain' })
    await ask(server, { task: 'marked', system: 'Be kind.' })
    expect(server.stats().total).toMatchObject({ cachedTokens: 0, writtenTokens: 0 })
  })
})

describe('a replayed stream', () => {
  it('comes as it is read, and can be left', async () => {
    const host = listening(CACHED)
    const source = upstream(textParts(100))
    const inner = new MockLanguageModelV4({ doStream: source.result })
    const model = wrapLanguageModel({ model: inner, middleware: plimsollMiddleware(host.plimsoll, FAQ) })
    const first = await readAll((await model.doStream({ prompt: PROMPT })).stream)
    const { stream } = await model.doStream({ prompt: PROMPT })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel()
    const again = await readAll((await model.doStream({ prompt: PROMPT })).stream)
    expect(again.slice(0, -1)).toEqual(first.slice(0, -1))
    expect(host.records).toHaveLength(3)
    expect(inner.doStreamCalls).toHaveLength(1)
  })
})

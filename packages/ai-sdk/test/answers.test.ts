import { readdirSync, readFileSync } from 'node:fs'
import { createOpenAI } from '@ai-sdk/openai'
import { embed, generateText, streamText, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import * as api from '../src/index.ts'
import { answer, listening, NOTHING_LEFT, QUICK, rejection, startFake } from './support.ts'

const { plimsollMiddleware, withPlimsoll } = api

describe('an answer', () => {
  it('is what it is without us, save for our mark', async () => {
    await using server = await startFake()
    const bare = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const { plimsoll } = listening()
    const governed = withPlimsoll(bare, plimsoll)
    const told = async (openai: typeof bare) => {
      const result = await generateText({ model: openai.chat('m'), prompt: 'Hello', temperature: 0 })
      const { text, finishReason, usage, warnings, response, providerMetadata } = result
      return { text, finishReason, usage, warnings, modelId: response.modelId, providerMetadata }
    }
    const expected = await told(bare)
    expect(await told(governed)).toEqual({
      ...expected,
      providerMetadata: { ...expected.providerMetadata, plimsoll: { target: 'openai/m' } },
    })
    expect(expected.modelId).toBe('m')
  })

  it('tells the limits of its provider by its headers, whatever its kind, and so does an error', async () => {
    await using server = await startFake({
      models: { '*': { ...QUICK, rpm: 900 } },
      faults: [{ kind: 'server-error', model: 'error' }],
    })
    const host = listening({ retry: { maxAttempts: 1 } })
    const openai = withPlimsoll(createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' }), host.plimsoll)
    await generateText({ model: openai.chat('generate'), prompt: 'Hello' })
    await streamText({ model: openai.chat('stream'), prompt: 'Hello' }).consumeStream()
    await embed({ model: openai.embedding('embed'), value: 'Hello' })
    await rejection(generateText({ model: openai.chat('error'), prompt: 'Hello', maxRetries: 0 }))
    const learnt = host.of('limit.learnt').filter(({ unit }) => unit === 'requests')
    expect(learnt.map(({ target, amount }) => [target, amount])).toEqual([
      ['openai/generate', 900],
      ['openai/stream', 900],
      ['openai/embed', 900],
      ['openai/error', 900],
    ])
  })
})

describe('calls at once', () => {
  it('meet no rate limit of a provider that lets them in a few at a time', async () => {
    const limits = [{ unit: 'requests', amount: 6, perMs: 300, algorithm: 'sliding-window' } as const]
    await using server = await startFake({ models: { m: { ...QUICK, limits } } })
    const host = listening({ targets: { 'openai/m': { limits } } })
    const openai = withPlimsoll(createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' }), host.plimsoll)
    const ask = (index: number) =>
      generateText({ model: openai.chat('m'), prompt: `Hello ${index}`, maxRetries: 0 })
    const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => ask(index)))
    expect(answers.every(({ text }) => text !== '')).toBe(true)
    expect(server.stats().total.rejected.total).toBe(0)
    expect(host.records).toHaveLength(15)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('share a middleware, and nothing else: one model failing fails no call of another', async () => {
    const { plimsoll } = listening()
    const middleware = plimsollMiddleware(plimsoll)
    const failing = new MockLanguageModelV4({
      modelId: 'a',
      doGenerate: () => Promise.reject(new Error('down')),
    })
    const healthy = new MockLanguageModelV4({ modelId: 'b', doGenerate: answer('fine') })
    const models = [failing, healthy].map((model) => wrapLanguageModel({ model, middleware }))
    const calls = Array.from({ length: 12 }, (_, index) =>
      generateText({ model: models[index % 2]!, prompt: 'Hello', maxRetries: 0 }),
    )
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).toEqual(
      calls.map((_, index) => (index % 2 === 0 ? 'rejected' : 'fulfilled')),
    )
  })
})

it('the package needs no release of the AI SDK, neither to run nor for what is seen of its types', () => {
  const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const sources = readdirSync(new URL('../src/', import.meta.url))
  const shipped = sources.filter((name) => !/\.(test|fixture)\.ts$/.test(name))
  const imported = shipped.flatMap((name) =>
    [...read(`src/${name}`).matchAll(/^import (?!type)[^']*'([^']+)'/gm)].map(([, from]) => from!),
  )
  expect(new Set(imported.filter((from) => !from.startsWith('.')))).toEqual(new Set(['@plimsoll/core']))
  for (const name of ['index.ts', 'middleware.ts', 'provider.ts', 'structural.ts']) {
    expect(read(`src/${name}`), name).not.toContain('@ai-sdk/provider')
  }
  expect(JSON.parse(read('package.json')).dependencies).toEqual({ '@plimsoll/core': 'workspace:^' })
})

it('the package exports three names', () => {
  expect(Object.keys(api).toSorted()).toEqual([
    'plimsollEmbeddingMiddleware',
    'plimsollMiddleware',
    'withPlimsoll',
  ])
})

import { createOpenAI } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import {
  createProviderRegistry,
  customProvider,
  defaultSettingsMiddleware,
  embed,
  generateText,
  streamText,
  wrapEmbeddingModel,
  wrapLanguageModel,
} from 'ai'
import { MockEmbeddingModelV4, MockImageModelV4, MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import { answer, listening, readAll, startFake, streamingModel, textParts, upstream } from './support.ts'

const embedded = { embeddings: [[1]], usage: { tokens: 1 }, warnings: [] }

describe('withPlimsoll', () => {
  it('governs whatever factory a model comes from', async () => {
    await using server = await startFake()
    const host = listening()
    const bare = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const openai = withPlimsoll(bare, host.plimsoll)
    await generateText({ model: openai.chat('a'), prompt: 'Hello' })
    await streamText({ model: openai.chat('b'), prompt: 'Hello' }).consumeStream()
    await embed({ model: openai.embedding('c'), value: 'Hello' })
    await embed({ model: openai.textEmbeddingModel('d'), value: 'Hello' })
    await embed({ model: openai.embeddingModel('e'), value: 'Hello' })
    expect(host.records.map(({ target }) => target)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => `openai/${id}`),
    )
    for (const model of [
      openai('f'),
      openai.responses('g'),
      openai.completion('h'),
      openai.languageModel('i'),
    ]) {
      expect(model.doGenerate).not.toBe(Object.getPrototypeOf(model).doGenerate)
    }
  })

  it('keeps all else as it is', () => {
    const { plimsoll } = listening()
    const image = new MockImageModelV4()
    const transcription = { doGenerate: () => {}, doStream: () => {} }
    const bare = {
      specificationVersion: 'v4',
      tools: { search: () => 'a tool' },
      imageModel: () => image,
      transcriptionModel: () => transcription,
      nothing: () => undefined,
    }
    const provider = withPlimsoll(bare, plimsoll)
    expect(provider.tools).toBe(bare.tools)
    expect(provider.imageModel()).toBe(image)
    expect(provider.transcriptionModel()).toBe(transcription)
    expect(provider.nothing()).toBeUndefined()
    expect(Object.keys(provider)).toEqual(Object.keys(bare))
    expect('tools' in provider && !('other' in provider)).toBe(true)
    expect(provider.imageModel).toBe(provider.imageModel)
    const openai = createOpenAI({ apiKey: 'k' })
    expect(Object.keys(withPlimsoll(openai, plimsoll))).toEqual(Object.keys(openai))
  })

  it('works with classes that have private fields, and with frozen objects', async () => {
    class Model extends MockLanguageModelV4 {
      readonly #secret = { ...answer('secret') }
      constructor() {
        super({ doGenerate: async () => this.#secret })
      }
      get secret() {
        return this.#secret.content
      }
      again() {
        return this.#secret.content
      }
    }
    class Provider {
      readonly #model = new Model()
      languageModel() {
        return this.#model
      }
    }
    const host = listening()
    const model = withPlimsoll(Object.freeze(new Provider()), host.plimsoll).languageModel()
    expect(model).toBeInstanceOf(Model)
    expect(model.again()).toBe(model.secret)
    expect((await generateText({ model, prompt: 'Hello' })).text).toBe('secret')
    const frozen = Object.freeze({
      ...new MockLanguageModelV4({ doGenerate: answer('hi') }),
      supportedUrls: {},
    })
    const models = withPlimsoll(Object.freeze({ languageModel: () => frozen }), host.plimsoll)
    await generateText({ model: models.languageModel(), prompt: 'Hello' })
    expect(host.records).toHaveLength(2)
  })

  it('works below a registry, a custom provider, and for the models of AI SDK 6', async () => {
    const host = listening()
    const v4 = new MockLanguageModelV4({ modelId: 'four', doGenerate: answer('hi') })
    const v3 = new MockLanguageModelV3({ modelId: 'three', doGenerate: answer('hi') as never })
    const custom = customProvider({
      languageModels: { v4, v3: v3 as never },
      embeddingModels: { e: new MockEmbeddingModelV4({ doEmbed: embedded }) },
    })
    const registry = createProviderRegistry({ mock: withPlimsoll(custom, host.plimsoll) })
    await generateText({ model: registry.languageModel('mock:v4'), prompt: 'Hello' })
    await generateText({ model: registry.languageModel('mock:v3'), prompt: 'Hello' })
    await embed({ model: registry.embeddingModel('mock:e'), value: 'Hello' })
    expect(host.records.map(({ target }) => target)).toEqual([
      'mock-provider/four',
      'mock-provider/three',
      'mock-provider/mock-model-id',
    ])
    expect(host.records.every(({ estimated }) => !estimated)).toBe(true)
  })

  it('passes supportedUrls on', async () => {
    const supportedUrls = { 'image/*': [/^https:/] }
    const bare = new MockLanguageModelV4({ supportedUrls })
    const { plimsoll } = listening()
    expect(await withPlimsoll({ m: () => bare }, plimsoll).m().supportedUrls).toEqual(supportedUrls)
    const wrapped = wrapLanguageModel({ model: bare, middleware: plimsollMiddleware(plimsoll) })
    expect(await wrapped.supportedUrls).toEqual(supportedUrls)
  })
})

describe('a model that is wrapped twice', () => {
  it('is governed once, however it came about', async () => {
    const host = listening()
    const { plimsoll } = host
    const provider = {
      languageModel: (id: string) => new MockLanguageModelV4({ modelId: id, doGenerate: answer('hi') }),
    }
    const once = withPlimsoll(provider, plimsoll)
    const twice = withPlimsoll(once, plimsoll)
    const copying = defaultSettingsMiddleware({
      settings: { temperature: 0, providerOptions: { a: { b: 1 } } },
    })
    const middleware = () => plimsollMiddleware(plimsoll)
    const models = [
      twice.languageModel('1'),
      wrapLanguageModel({ model: once.languageModel('2'), middleware: middleware() }),
      wrapLanguageModel({ model: provider.languageModel('3'), middleware: [middleware(), middleware()] }),
      wrapLanguageModel({
        model: provider.languageModel('4'),
        middleware: [middleware(), copying, middleware()],
      }),
    ]
    await Promise.all(models.map((model) => generateText({ model, prompt: 'Hello' })))
    expect(host.records.map(({ target }) => target).toSorted()).toEqual(
      ['1', '2', '3', '4'].map((id) => `mock-provider/${id}`),
    )
  })

  it('is governed once when it streams, and when it embeds', async () => {
    const host = listening()
    const { plimsoll } = host
    const bare = streamingModel(upstream(textParts(2)))
    const middleware = [
      plimsollMiddleware(plimsoll, { task: 'outer' }),
      plimsollMiddleware(plimsoll, { task: 'inner' }),
    ]
    const result = streamText({ model: wrapLanguageModel({ model: bare, middleware }), prompt: 'Hello' })
    await readAll(result.textStream)
    const embedding = new MockEmbeddingModelV4({ doEmbed: embedded })
    const embedMiddleware = [plimsollEmbeddingMiddleware(plimsoll), plimsollEmbeddingMiddleware(plimsoll)]
    await embed({
      model: wrapEmbeddingModel({ model: embedding, middleware: embedMiddleware }),
      value: 'Hello',
    })
    expect(host.records).toMatchObject([{ attributes: { task: 'outer' } }, { attributes: {} }])
    expect(host.records).toHaveLength(2)
  })

  it('is governed by each of two Plimsolls', async () => {
    const [team, company] = [listening(), listening()]
    const bare = new MockLanguageModelV4({ doGenerate: answer('hi') })
    const middleware = [plimsollMiddleware(team.plimsoll), plimsollMiddleware(company.plimsoll)]
    await generateText({ model: wrapLanguageModel({ model: bare, middleware }), prompt: 'Hello' })
    expect([team.records.length, company.records.length]).toEqual([1, 1])
  })

  it('still governs another model that it asks, with a single slot for both', async () => {
    const targets = { 'mock-provider/inner': { pool: 'one' }, 'mock-provider/outer': { pool: 'one' } }
    const plimsoll = createPlimsoll({ targets, pools: { one: { limits: { concurrency: 1 } } } })
    let calls = 0
    plimsoll.on(({ type }) => {
      if (type === 'call.finished') calls++
    })
    const govern = (model: MockLanguageModelV4) =>
      wrapLanguageModel({ model, middleware: plimsollMiddleware(plimsoll) })
    const inner = govern(new MockLanguageModelV4({ modelId: 'inner', doGenerate: answer('inner') }))
    const outer = govern(
      new MockLanguageModelV4({
        modelId: 'outer',
        doGenerate: async ({ abortSignal }) =>
          answer(
            (await generateText({ model: inner, prompt: 'Hello', ...(abortSignal && { abortSignal }) })).text,
          ),
      }),
    )
    expect((await generateText({ model: outer, prompt: 'Hello' })).text).toBe('inner')
    expect(calls).toBe(2)
  })
})

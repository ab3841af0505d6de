import type {
  EmbeddingModelV3,
  EmbeddingModelV4,
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV4,
  LanguageModelV4CallOptions,
} from '@ai-sdk/provider'
import { anthropic } from '@ai-sdk/anthropic'
import { openai } from '@ai-sdk/openai'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import * as ai from 'ai'
import * as ai6 from 'ai6'
import { anthropic as anthropic6 } from 'ai6-anthropic'
import { openai as openai6 } from 'ai6-openai'
import { describe, expectTypeOf, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware, routedModel, withPlimsoll } from '../src/index.ts'
import type { LanguageModel, LanguageRequest } from '../src/versions.ts'

declare const plimsoll: Plimsoll

const SMALL = 'text-embedding-3-small'

it('withPlimsoll has the types of the provider', () => {
  const models = withPlimsoll(openai, plimsoll, { tenant: 'acme' })
  expectTypeOf(models).toEqualTypeOf(openai)
  expectTypeOf(models('gpt-5-mini')).toExtend<LanguageModelV4>()
  expectTypeOf(models.chat('gpt-5-mini')).toExtend<LanguageModelV4>()
  expectTypeOf(models.embedding(SMALL)).toExtend<EmbeddingModelV4>()
  expectTypeOf(models.embedding(SMALL)).not.toExtend<LanguageModelV4>()
  expectTypeOf(models.tools.webSearch).toEqualTypeOf(openai.tools.webSearch)
  expectTypeOf(withPlimsoll(anthropic, plimsoll)('claude-haiku-4-5')).toExtend<LanguageModelV4>()
})

it('attributes are those of the core', () => {
  expectTypeOf(plimsollMiddleware).parameter(1).toEqualTypeOf<Attributes | undefined>()
  expectTypeOf(plimsollEmbeddingMiddleware).parameter(1).toEqualTypeOf<Attributes | undefined>()
  expectTypeOf(withPlimsoll).parameter(2).toEqualTypeOf<Attributes | undefined>()
})

describe('one middleware fits AI SDK 6 and 7', () => {
  const middleware = plimsollMiddleware(plimsoll)
  const embedding = plimsollEmbeddingMiddleware(plimsoll)

  it('in wrapLanguageModel', () => {
    const seven = ai.wrapLanguageModel({ model: openai('gpt-5-mini'), middleware })
    expectTypeOf(seven).toExtend<LanguageModelV4>()
    const six = ai6.wrapLanguageModel({ model: openai6('gpt-5-mini'), middleware })
    expectTypeOf(six).toExtend<LanguageModelV3>()
    expectTypeOf(middleware).toExtend<ai.LanguageModelMiddleware>()
    expectTypeOf(middleware).toExtend<ai6.LanguageModelMiddleware>()
  })

  it('in wrapEmbeddingModel', () => {
    const seven = ai.wrapEmbeddingModel({ model: openai.embedding(SMALL), middleware: embedding })
    expectTypeOf(seven).toExtend<EmbeddingModelV4>()
    const six = ai6.wrapEmbeddingModel({ model: openai6.embedding(SMALL), middleware: embedding })
    expectTypeOf(six).toExtend<EmbeddingModelV3>()
    expectTypeOf(embedding).toExtend<ai.EmbeddingModelMiddleware>()
    expectTypeOf(embedding).toExtend<ai6.EmbeddingModelMiddleware>()
  })

  it('among others, and in wrapProvider', () => {
    const others = ai.defaultSettingsMiddleware({ settings: {} })
    ai.wrapLanguageModel({ model: openai('gpt-5-mini'), middleware: [others, middleware] })
    const seven = ai.wrapProvider({ provider: openai, languageModelMiddleware: middleware })
    expectTypeOf(seven.languageModel('gpt-5-mini')).toExtend<LanguageModelV4>()
    const others6 = ai6.defaultSettingsMiddleware({ settings: {} })
    ai6.wrapLanguageModel({ model: openai6('gpt-5-mini'), middleware: [others6, middleware] })
    const six = ai6.wrapProvider({ provider: openai6, languageModelMiddleware: middleware })
    expectTypeOf(six.languageModel('gpt-5-mini')).toExtend<LanguageModelV3>()
  })

  it('and gives what the model gives', async () => {
    const params: LanguageModelV3CallOptions = { prompt: [] }
    const model = openai6('gpt-5-mini')
    const result = await middleware.wrapGenerate({ model, params })
    expectTypeOf(result).toEqualTypeOf<Awaited<ReturnType<typeof model.doGenerate>>>()
    // @ts-expect-error -- a request of the one version is none of the other's models
    await middleware.wrapGenerate({ model: openai('gpt-5-mini'), params: { prompt: 'x' } })
  })
})

describe('a routed model', () => {
  it('is a model of the version of those it chooses among', () => {
    const seven = routedModel(plimsoll, { a: openai('a'), b: openai.chat('b') })
    expectTypeOf(seven).toExtend<LanguageModelV4>()
    expectTypeOf(ai.generateText).toBeCallableWith({ model: seven, prompt: 'Hello' })
    const six = routedModel(plimsoll, { a: openai6('a'), b: anthropic6('b') })
    expectTypeOf(six).toExtend<LanguageModelV3>()
    expectTypeOf(ai6.generateText).toBeCallableWith({ model: six, prompt: 'Hello' })
  })
})

it('withPlimsoll has the types of a provider of AI SDK 6', () => {
  const models = withPlimsoll(openai6, plimsoll)
  expectTypeOf(models).toEqualTypeOf(openai6)
  expectTypeOf(models('gpt-5-mini')).toExtend<LanguageModelV3>()
  expectTypeOf(withPlimsoll(anthropic6, plimsoll)('claude-haiku-4-5')).toExtend<LanguageModelV3>()
  expectTypeOf(ai6.generateText).toBeCallableWith({ model: models('gpt-5-mini'), prompt: 'Hello' })
  expectTypeOf(ai6.embed).toBeCallableWith({ model: models.embedding(SMALL), value: 'Hello' })
  ai6.createProviderRegistry({ openai: models })
})

it('models and requests of both versions are what is read inside', () => {
  expectTypeOf<LanguageModelV3>().toExtend<LanguageModel>()
  expectTypeOf<LanguageModelV4>().toExtend<LanguageModel>()
  expectTypeOf<ReturnType<typeof openai6>>().toExtend<LanguageModel>()
  expectTypeOf<LanguageModelV3CallOptions>().toExtend<LanguageRequest>()
  expectTypeOf<LanguageModelV4CallOptions>().toExtend<LanguageRequest>()
})

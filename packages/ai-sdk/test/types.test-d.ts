import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider'
import { anthropic } from '@ai-sdk/anthropic'
import { openai } from '@ai-sdk/openai'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { wrapEmbeddingModel, wrapLanguageModel } from 'ai'
import { expectTypeOf, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware, withPlimsoll } from '../src/index.ts'

declare const plimsoll: Plimsoll

it('withPlimsoll has the types of the provider', () => {
  const models = withPlimsoll(openai, plimsoll, { tenant: 'acme' })
  expectTypeOf(models).toEqualTypeOf(openai)
  expectTypeOf(models('gpt-5-mini')).toExtend<LanguageModelV4>()
  expectTypeOf(models.chat('gpt-5-mini')).toExtend<LanguageModelV4>()
  expectTypeOf(models.embedding('text-embedding-3-small')).toExtend<EmbeddingModelV4>()
  expectTypeOf(models.embedding('text-embedding-3-small')).not.toExtend<LanguageModelV4>()
  expectTypeOf(models.tools.webSearch).toEqualTypeOf(openai.tools.webSearch)
  expectTypeOf(withPlimsoll(anthropic, plimsoll)('claude-haiku-4-5')).toExtend<LanguageModelV4>()
})

it('attributes are those of the core', () => {
  expectTypeOf(plimsollMiddleware).parameter(1).toEqualTypeOf<Attributes | undefined>()
  expectTypeOf(plimsollEmbeddingMiddleware).parameter(1).toEqualTypeOf<Attributes | undefined>()
  expectTypeOf(withPlimsoll).parameter(2).toEqualTypeOf<Attributes | undefined>()
})

it('middlewares fit their wrappers', () => {
  const model = openai('gpt-5-mini')
  expectTypeOf(
    wrapLanguageModel({ model, middleware: plimsollMiddleware(plimsoll) }),
  ).toExtend<LanguageModelV4>()
  const embedding = openai.embedding('text-embedding-3-small')
  const middleware = [plimsollEmbeddingMiddleware(plimsoll)]
  expectTypeOf(wrapEmbeddingModel({ model: embedding, middleware })).toExtend<EmbeddingModelV4>()
})

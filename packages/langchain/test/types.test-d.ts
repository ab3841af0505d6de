import type { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'
import type { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import type { Plimsoll } from '@plimsoll/core'
import { createAgent } from 'langchain'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { plimsollMiddleware, spendLimitMiddleware } from '../src/agents.ts'
import {
  createPlimsollFetch,
  PlimsollCache,
  routedChatModel,
  withPlimsoll,
  withPlimsollEmbeddings,
} from '../src/index.ts'

declare const plimsoll: Plimsoll
declare const openai: ChatOpenAI
declare const anthropic: ChatAnthropic
declare const embeddings: OpenAIEmbeddings

describe('types', () => {
  it('of a wrapped model are its own', () => {
    expectTypeOf(withPlimsoll(openai, plimsoll)).toEqualTypeOf<ChatOpenAI>()
    expectTypeOf(withPlimsoll(anthropic, plimsoll, { tenant: 'a' })).toEqualTypeOf<ChatAnthropic>()
    expectTypeOf(withPlimsollEmbeddings(embeddings, plimsoll)).toEqualTypeOf<OpenAIEmbeddings>()
    // @ts-expect-error -- nobody is called that
    withPlimsoll(openai, plimsoll, { tenent: 'a' })
  })

  it('of a routed model are those of a chat model, objects by their schema', () => {
    const model = routedChatModel(plimsoll, { a: openai, b: anthropic })
    expectTypeOf(model).toExtend<BaseChatModel>()
    const schema = z.object({ city: z.string() })
    expectTypeOf(model.withStructuredOutput(schema).invoke('')).resolves.toEqualTypeOf<{ city: string }>()
    expectTypeOf(model.withStructuredOutput(schema, { includeRaw: true }).invoke('')).resolves.toEqualTypeOf<{
      raw: BaseMessage
      parsed: { city: string }
    }>()
  })

  it('of middleware fit createAgent, and leave its state as it is', () => {
    const middleware = [
      spendLimitMiddleware({ runLimit: { tokens: 1 } }),
      plimsollMiddleware(plimsoll),
    ] as const
    const agent = createAgent({ model: openai, tools: [], middleware })
    expectTypeOf(agent.invoke({ messages: '' })).resolves.toHaveProperty('messages')
  })

  it('of what LangChain and its clients take are theirs', () => {
    expectTypeOf(createPlimsollFetch(plimsoll)).toEqualTypeOf<typeof fetch>()
    openai.cache = new PlimsollCache(plimsoll, { ttlMs: 1 })
  })
})

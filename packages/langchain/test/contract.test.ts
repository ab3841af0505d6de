import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { UsageMetadata } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { adapterContract } from '@plimsoll/core/testing'
import type { AdapterSubject, ContractClient, ContractProvider } from '@plimsoll/core/testing'
import { tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withPlimsoll } from '../src/index.ts'
import { QUICK, startFake } from './support.ts'

interface Served extends ContractProvider {
  readonly url: string
}

async function provider(): Promise<Served> {
  const server = await startFake({
    apiKeys: ['right'],
    models: { '*': { ...QUICK, tokensPerSecond: 1_000, maxOutputTokens: 5_000 } },
  })
  const KINDS = { 429: 'rate-limit', 500: 'server-error' } as const
  return {
    url: server.url,
    fail: (status, times) =>
      server.inject({ kind: KINDS[status], times, ...(status === 429 && { retryAfterMs: 10 }) }),
    received: () => server.stats().total.received,
    abandoned: () => server.stats().total.abortedByClient,
    peak: () => server.stats().total.peakInFlight,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const MODELS: Readonly<Record<string, (url: string, apiKey: string) => BaseChatModel>> = {
  openai: (url, apiKey) => new ChatOpenAI({ model: 'm', apiKey, configuration: { baseURL: `${url}/v1` } }),
  anthropic: (anthropicApiUrl, apiKey) =>
    new ChatAnthropic({ model: 'm', apiKey, anthropicApiUrl, maxTokens: 5_000 }),
}

const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})

function clientOf(model: BaseChatModel): ContractClient {
  return {
    async text(prompt, options) {
      const message = await model.invoke(prompt, options)
      const usage = message.usage_metadata as UsageMetadata | undefined
      return {
        text: message.text,
        usage: { inputTokens: usage?.input_tokens, outputTokens: usage?.output_tokens },
      }
    },
    async *stream(prompt, options) {
      for await (const { text } of await model.stream(prompt, options)) if (text !== '') yield text
    },
    async tool(prompt) {
      const { tool_calls: calls } = await model.bindTools!([weather]).invoke(prompt)
      return calls?.[0]?.args
    },
    object: (prompt) =>
      model.withStructuredOutput(z.object({ city: z.string(), celsius: z.number() })).invoke(prompt),
  }
}

function subject(name: string): AdapterSubject {
  return {
    target: `${name}/m`,
    provider,
    client(at, plimsoll, key) {
      const model = MODELS[name]!((at as Served).url, key)
      return clientOf(plimsoll === undefined ? model : withPlimsoll(model, plimsoll))
    },
    statusOf: (error) => (error as { status?: unknown }).status,
  }
}

describe.each(Object.keys(MODELS))('what adapters do alike, with %s', (name) => {
  it.each(adapterContract(subject(name)))('$name', async ({ check }) => {
    await expect(check()).resolves.toBeUndefined()
  })
})

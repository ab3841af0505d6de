import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { Usage } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import * as ai from 'ai'
import * as ai6 from 'ai6'
import { createAnthropic as createAnthropic6 } from 'ai6-anthropic'
import { createOpenAI as createOpenAI6 } from 'ai6-openai'
import { describe, expect, it } from 'vitest'
import { withPlimsoll } from '../src/index.ts'
import { listening, QUICK, startFake } from './support.ts'
import type { Listening } from './support.ts'

const CACHING = { '*': { ...QUICK, tokenBias: 1, promptCache: { minTokens: 100 } } }
const LONG = 'word '.repeat(300)
const PRICES = {
  'claude-haiku-4-5': { input: 1, output: 5, cacheRead: 0.1, cacheWrite5m: 1.25, cacheWrite1h: 2 },
}

type How = 'whole' | 'streamed'

const cacheControl = (ttl: '5m' | '1h') => ({ anthropic: { cacheControl: { type: 'ephemeral', ttl } } })

/** Two parts that are kept, the first for an hour, and a question. */
const content = [
  { type: 'text' as const, text: LONG, providerOptions: cacheControl('1h') },
  { type: 'text' as const, text: 'and '.repeat(200), providerOptions: cacheControl('5m') },
  { type: 'text' as const, text: 'Hello' },
]

async function askAnthropic({ url }: FakeProvider, { plimsoll }: Listening, how: How): Promise<void> {
  const anthropic = withPlimsoll(createAnthropic({ baseURL: `${url}/v1`, apiKey: 'k' }), plimsoll)
  const model = anthropic('claude-haiku-4-5')
  const messages = [{ role: 'user' as const, content }]
  if (how === 'whole') await ai.generateText({ model, messages, maxOutputTokens: 50 })
  else await ai.streamText({ model, messages, maxOutputTokens: 50 }).consumeStream()
}

async function askAnthropic6({ url }: FakeProvider, { plimsoll }: Listening, how: How): Promise<void> {
  const anthropic = withPlimsoll(createAnthropic6({ baseURL: `${url}/v1`, apiKey: 'k' }), plimsoll)
  const model = anthropic('claude-haiku-4-5')
  const messages = [{ role: 'user' as const, content }]
  if (how === 'whole') await ai6.generateText({ model, messages, maxOutputTokens: 50 })
  else await ai6.streamText({ model, messages, maxOutputTokens: 50 }).consumeStream()
}

describe.each([
  ['AI SDK 6', askAnthropic6],
  ['AI SDK 7', askAnthropic],
] as const)("Anthropic's prompt cache, with %s", (_, ask) => {
  it.each<How>(['whole', 'streamed'])(
    'is known by what was read and written, and for how long: %s',
    async (how) => {
      await using server = await startFake({ models: CACHING })
      const host = listening({ prices: PRICES })
      await ask(server, host, how)
      await ask(server, host, how)
      const { promptTokens, cachedTokens, writtenTokens } = server.stats().total
      const tokens = { inputTokens: promptTokens / 2, outputTokens: 20, serviceTier: 'standard' }
      const [first, second] = host.records
      expect(first?.usage).toMatchObject({
        ...tokens,
        cacheReadTokens: 0,
        cacheWriteTokens: writtenTokens,
        cacheWrite1hTokens: writtenTokens - 200,
      })
      expect(second?.usage).toMatchObject({
        ...tokens,
        cacheReadTokens: cachedTokens,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
      })
      expect(cachedTokens).toBe(writtenTokens)
      const plain = promptTokens / 2 - writtenTokens
      const rest = plain * 1 + 20 * 5
      expect(first?.costUsd).toBeCloseTo(((writtenTokens - 200) * 2 + 200 * 1.25 + rest) / 1e6, 9)
      expect(second?.costUsd).toBeCloseTo((writtenTokens * 0.1 + rest) / 1e6, 9)
    },
  )
})

/** Asks a model by each of its APIs, as `flex`. */
const options = {
  prompt: 'Hello',
  system: LONG,
  providerOptions: { openai: { serviceTier: 'flex' } },
}

async function askOpenAi({ url }: FakeProvider, { plimsoll }: Listening): Promise<void> {
  const openai = withPlimsoll(createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' }), plimsoll)
  await ai.generateText({ model: openai('gpt-5-mini'), ...options })
  await ai.streamText({ model: openai('gpt-5-mini'), ...options }).consumeStream()
  await ai.generateText({ model: openai.chat('gpt-5-mini'), ...options })
}

async function askOpenAi6({ url }: FakeProvider, { plimsoll }: Listening): Promise<void> {
  const openai = withPlimsoll(createOpenAI6({ baseURL: `${url}/v1`, apiKey: 'k' }), plimsoll)
  await ai6.generateText({ model: openai('gpt-5-mini'), ...options })
  await ai6.streamText({ model: openai('gpt-5-mini'), ...options }).consumeStream()
  await ai6.generateText({ model: openai.chat('gpt-5-mini'), ...options })
}

describe.each([
  ['AI SDK 6', askOpenAi6],
  ['AI SDK 7', askOpenAi],
] as const)("OpenAI's service tier and prompt cache, with %s", (_, ask) => {
  it('are known from Responses, whole and streamed, and from chat completions', async () => {
    await using server = await startFake({ models: CACHING })
    const price = { input: 0.25, output: 2, cacheRead: 0.025, multipliers: { flex: 0.5 } }
    const host = listening({ prices: { 'gpt-5-mini': price } })
    await ask(server, host)
    const { promptTokens, cachedTokens } = server.stats().total
    const usages = host.records.map(({ usage }): Usage => usage)
    expect(usages.map(({ serviceTier }) => serviceTier)).toEqual(['flex', 'flex', 'flex'])
    expect(usages.map(({ cacheReadTokens }) => cacheReadTokens)).toEqual([
      0,
      cachedTokens / 2,
      cachedTokens / 2,
    ])
    expect(cachedTokens).toBe(2 * (100 + 128))
    const perCall = promptTokens / 3
    const costs = [0, 228, 228].map(
      (read) => (((perCall - read) * price.input + read * price.cacheRead + 20 * price.output) * 0.5) / 1e6,
    )
    for (const [index, cost] of costs.entries()) expect(host.records[index]?.costUsd).toBeCloseTo(cost, 8)
  })
})

import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { adapterContract } from '@plimsoll/core/testing'
import type { AdapterSubject, ContractClient, ContractProvider } from '@plimsoll/core/testing'
import { generateObject, generateText, streamText, tool, wrapLanguageModel } from 'ai'
import type { LanguageModel } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plimsollMiddleware } from '../src/index.ts'
import { QUICK, startFake } from './support.ts'

type Model = Extract<LanguageModel, { specificationVersion: 'v4' }>

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

const MODELS: Readonly<Record<string, (url: string, apiKey: string) => Model>> = {
  openai: (url, apiKey) => createOpenAI({ baseURL: `${url}/v1`, apiKey })('m'),
  anthropic: (url, apiKey) => createAnthropic({ baseURL: `${url}/v1`, apiKey })('m'),
}

const weather = tool({
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `${city}: sunny`,
})

function clientOf(model: LanguageModel): ContractClient {
  return {
    async text(prompt, { signal: abortSignal } = {}) {
      const { text, usage } = await generateText({ model, prompt, ...(abortSignal && { abortSignal }) })
      return { text, usage }
    },
    async *stream(prompt, { signal: abortSignal } = {}) {
      const left = new AbortController()
      const signals = [left.signal, ...(abortSignal ? [abortSignal] : [])]
      const { fullStream } = streamText({
        model,
        prompt,
        abortSignal: AbortSignal.any(signals),
        onError: () => {},
      })
      try {
        for await (const part of fullStream) {
          if (part.type === 'error') throw part.error
          if (part.type === 'text-delta') yield part.text
        }
      } finally {
        left.abort()
      }
    },
    async tool(prompt) {
      const { toolCalls } = await generateText({ model, prompt, tools: { weather } })
      return toolCalls[0]?.input
    },
    async object(prompt) {
      const schema = z.object({ city: z.string(), celsius: z.number() })
      return (await generateObject({ model, prompt, schema })).object
    },
  }
}

function subject(name: string): AdapterSubject {
  return {
    target: `${name}/m`,
    provider,
    client(at, plimsoll, key) {
      const model = MODELS[name]!((at as Served).url, key)
      return clientOf(
        plimsoll === undefined
          ? model
          : wrapLanguageModel({ model, middleware: plimsollMiddleware(plimsoll) }),
      )
    },
    statusOf: (error) => (error as { statusCode?: unknown }).statusCode,
  }
}

describe.each(Object.keys(MODELS))('what adapters do alike, with %s', (name) => {
  it.each(adapterContract(subject(name)))('$name', async ({ check }) => {
    await expect(check()).resolves.toBeUndefined()
  })
})

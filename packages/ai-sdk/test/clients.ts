import { createOpenAI } from '@ai-sdk/openai'
import type { FakeProvider } from '@plimsoll/fake-provider'
import * as ai from 'ai'
import * as ai6 from 'ai6'
import { createOpenAI as createOpenAI6 } from 'ai6-openai'
import { z } from 'zod'
import type { PlimsollEmbeddingMiddleware, PlimsollMiddleware } from '../src/index.ts'

/** AI SDK 6 and 7, each with its own OpenAI client in its default API (Responses), asked in the same way. */

export interface Options {
  readonly abortSignal?: AbortSignal
  readonly maxRetries?: number
  readonly maxOutputTokens?: number
  readonly providerOptions?: Record<string, Fields>
}

/** What both take: 7 knows more kinds of value. */
export type Fields = Record<string, ai6.JSONValue>

interface Answered {
  readonly text: string
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined }
  readonly finishReason: string
  readonly providerMetadata: Readonly<Record<string, unknown>> | undefined
}

export interface Streamed {
  /** Types of its parts, each named once however often it comes in a row. */
  readonly parts: readonly string[]
  readonly errors: readonly unknown[]
  /** Of one that has an end. */
  readonly answer: Answered | undefined
}

export interface Client {
  text(prompt: string, options?: Options): Promise<Answered>
  stream(prompt: string, options?: Options): Promise<Streamed>
  /** Two questions, the second after the answer to the first; the usage of each. */
  chat(prompt: string): Promise<Answered['usage'][]>
  /** Steps with a tool `weather`, whose outputs come too. */
  tools(prompt: string, how: 'whole' | 'streamed'): Promise<{ steps: number; outputs: unknown[] }>
  object(prompt: string): Promise<unknown>
  embed(value: string, options?: Options): Promise<{ embedding: number[]; usage: { tokens: number } }>
}

export interface Middlewares {
  readonly language: PlimsollMiddleware
  readonly embedding: PlimsollEmbeddingMiddleware
}

const inputSchema = z.object({ city: z.string() })
const schema = z.object({ city: z.string(), celsius: z.number() })
const execute = async ({ city }: { city: string }): Promise<string> => `${city}: sunny`

function six({ url }: FakeProvider, middlewares?: Middlewares): Client {
  const openai = createOpenAI6({ baseURL: `${url}/v1`, apiKey: 'k' })
  const bare = openai('m')
  const model = middlewares ? ai6.wrapLanguageModel({ model: bare, middleware: middlewares.language }) : bare
  const bareEmbedding = openai.embedding('e')
  const embedding = middlewares
    ? ai6.wrapEmbeddingModel({ model: bareEmbedding, middleware: middlewares.embedding })
    : bareEmbedding
  const tools = { weather: ai6.tool({ inputSchema, execute }) }
  const stopWhen = ai6.stepCountIs(2)
  return {
    text: (prompt, options) => ai6.generateText({ model, prompt, ...options }),
    stream: (prompt, options) => read((onError) => ai6.streamText({ model, prompt, onError, ...options })),
    async chat(prompt) {
      const asked = { role: 'user', content: prompt } as const
      const first = await ai6.generateText({ model, messages: [asked] })
      const second = await ai6.generateText({ model, messages: [asked, ...first.response.messages, asked] })
      return [first.usage, second.usage]
    },
    async tools(prompt, how) {
      if (how === 'whole')
        return outputsOf((await ai6.generateText({ model, prompt, tools, stopWhen })).steps)
      return outputsOf(await ai6.streamText({ model, prompt, tools, stopWhen }).steps)
    },
    object: async (prompt) => (await ai6.generateObject({ model, prompt, schema })).object,
    embed: (value, options) => ai6.embed({ model: embedding, value, ...options }),
  }
}

function seven({ url }: FakeProvider, middlewares?: Middlewares): Client {
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' })
  const bare = openai('m')
  const model = middlewares ? ai.wrapLanguageModel({ model: bare, middleware: middlewares.language }) : bare
  const bareEmbedding = openai.embedding('e')
  const embedding = middlewares
    ? ai.wrapEmbeddingModel({ model: bareEmbedding, middleware: middlewares.embedding })
    : bareEmbedding
  const tools = { weather: ai.tool({ inputSchema, execute }) }
  const stopWhen = ai.isStepCount(2)
  return {
    text: (prompt, options) => ai.generateText({ model, prompt, ...options }),
    stream: (prompt, options) => read((onError) => ai.streamText({ model, prompt, onError, ...options })),
    async chat(prompt) {
      const asked = { role: 'user', content: prompt } as const
      const first = await ai.generateText({ model, messages: [asked] })
      const second = await ai.generateText({ model, messages: [asked, ...first.response.messages, asked] })
      return [first.usage, second.usage]
    },
    async tools(prompt, how) {
      if (how === 'whole') return outputsOf((await ai.generateText({ model, prompt, tools, stopWhen })).steps)
      return outputsOf(await ai.streamText({ model, prompt, tools, stopWhen }).steps)
    },
    object: async (prompt) => (await ai.generateObject({ model, prompt, schema })).object,
    embed: (value, options) => ai.embed({ model: embedding, value, ...options }),
  }
}

export const CLIENTS = { 'AI SDK 6': six, 'AI SDK 7': seven }
export const VERSIONS = Object.entries(CLIENTS)

type Awaitable<T> = { readonly [K in keyof T]: PromiseLike<T[K]> }

interface Streaming extends Awaitable<Answered> {
  readonly fullStream: AsyncIterable<{ type: string }>
}

async function read(start: (onError: (event: { error: unknown }) => void) => Streaming): Promise<Streamed> {
  const errors: unknown[] = []
  const parts: string[] = []
  const result = start(({ error }) => void errors.push(error))
  try {
    for await (const { type } of result.fullStream) if (type !== parts.at(-1)) parts.push(type)
  } catch (error) {
    errors.push(error)
    parts.push('thrown')
  }
  if (parts.at(-1) !== 'finish') return { parts, errors, answer: undefined }
  const { text, usage, finishReason, providerMetadata } = result
  const answer = {
    text: await text,
    usage: await usage,
    finishReason: await finishReason,
    providerMetadata: await providerMetadata,
  }
  return { parts, errors, answer }
}

function outputsOf(steps: readonly { toolResults: readonly { output: unknown }[] }[]) {
  return {
    steps: steps.length,
    outputs: steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output)),
  }
}

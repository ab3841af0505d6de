import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { createAgent, initChatModel, tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withPlimsoll } from '../src/index.ts'
import { CLIENTS, listening, NOTHING_LEFT, QUICK, startFake, until } from './support.ts'
import type { ModelOptions } from './support.ts'

/*
 * One behaviour at a time, of the bare model and of the wrapped one, each with a server of its own that is in the same
 * state: what they give is compared as it is, ids included, but for what Plimsoll says of itself and who made the runs.
 */

const schema = z.object({ city: z.string(), celsius: z.number() })
const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})
const TOOL = 'What is it like? [[tool=weather {"city":"Oslo"}]]'
const hello = { messages: [{ role: 'user', content: 'Hello' }] }
const asked = { messages: [{ role: 'user', content: TOOL }] }

interface Behaviour {
  readonly name: string
  readonly calls: number
  readonly options?: ModelOptions
  show(model: BaseChatModel, server: FakeProvider): Promise<unknown>
}

const BEHAVIOURS: readonly Behaviour[] = [
  { name: 'invoke', calls: 1, show: (model) => model.invoke('Hello') },
  { name: 'stream', calls: 1, show: async (model) => merged(await model.stream('Hello [[tokens=30]]')) },
  {
    name: 'an early break from a stream',
    calls: 1,
    async show(model, server) {
      const pieces: unknown[] = []
      for await (const chunk of await model.stream('Hello [[tokens=9000]]')) {
        pieces.push(chunk.text)
        if (pieces.length === 3) break
      }
      await until(() => server.stats().total.abortedByClient === 1)
      return [pieces.length, server.stats().total.completed]
    },
  },
  {
    name: 'streamEvents, version 2',
    calls: 1,
    show: async (model) => eventsSeen(model.streamEvents('Hello [[tokens=30]]', { version: 'v2' })),
  },
  {
    name: 'streamEvents of content blocks',
    calls: 1,
    show: (model) => blocksSeen(model.streamEvents('Hello [[tokens=30]]')),
  },
  {
    name: 'a forced tool in streamEvents of content blocks',
    calls: 1,
    show: (model) => blocksSeen(model.streamEvents(TOOL, { tools: toolsOf(model) } as object)),
  },
  {
    name: 'batch, one at a time',
    calls: 3,
    show: (model) => model.batch(['a', 'b', 'c'], { maxConcurrency: 1 }),
  },
  {
    name: 'batch, two at a time',
    calls: 4,
    async show(model, server) {
      const answers = await model.batch(['a', 'b', 'c', 'd'], { maxConcurrency: 2 })
      return [answers.map(({ text }) => text), server.stats().total.peakInFlight]
    },
  },
  { name: 'generate of several', calls: 2, show: (model) => model.generate([[human('a')], [human('b')]]) },
  { name: 'tools', calls: 1, show: (model) => bound(model).invoke(TOOL) },
  { name: 'tools in a stream', calls: 1, show: async (model) => merged(await bound(model).stream(TOOL)) },
  {
    name: 'tools, bound twice over, with a configuration',
    calls: 1,
    show: (model) =>
      (bound(model) as BaseChatModel).withConfig({ tags: ['t'], metadata: { a: 1 } }).invoke(TOOL),
  },
  {
    name: 'structured output',
    calls: 1,
    show: (model) => model.withStructuredOutput(schema).invoke('Hello'),
  },
  {
    name: 'structured output with what it came from',
    calls: 1,
    show: (model) => model.withStructuredOutput(schema, { includeRaw: true }).invoke('Hello'),
  },
  {
    name: 'structured output by a function',
    calls: 1,
    show: (model) => model.withStructuredOutput(schema, { method: 'functionCalling' }).invoke('Hello'),
  },
  {
    name: 'a rate limit and then an answer',
    calls: 1,
    show(model, server) {
      server.inject({ kind: 'rate-limit', retryAfterMs: 20 })
      return model.invoke('Hello')
    },
  },
  {
    name: 'an abort in flight',
    calls: 1,
    async show(model, server) {
      const caller = new AbortController()
      const answer = caught(model.invoke('Hello [[tokens=9000]]', { signal: caller.signal }))
      await until(() => server.stats().total.received === 1)
      caller.abort()
      const { name } = (await answer) as { name: string }
      await until(() => server.stats().total.abortedByClient === 1)
      return [name, server.stats().total.received]
    },
  },
  {
    name: 'an abort of an agent',
    calls: 1,
    async show(model, server) {
      const caller = new AbortController()
      const agent = createAgent({ model, tools: [weather] })
      const messages = [{ role: 'user', content: 'Hello [[tokens=9000]]' }]
      const answer = caught(agent.invoke({ messages }, { signal: caller.signal }))
      await until(() => server.stats().total.received === 1)
      caller.abort(new Error('gone'))
      const { message } = (await answer) as { message: string }
      await until(() => server.stats().total.abortedByClient === 1)
      return [message, server.stats().total.received]
    },
  },
  {
    name: 'a time limit of the call',
    calls: 1,
    async show(model, server) {
      const answer = await caught(model.invoke('Hello [[tokens=9000]]', { timeout: 200 }))
      await until(() => server.stats().total.abortedByClient === 1)
      // Clients differ in what they make of it; the wrapped one gives the signal's reason, a time-out.
      return [
        /^(?:Abort|Timeout)Error$/.test((answer as { name: string }).name),
        server.stats().total.received,
      ]
    },
  },
  {
    name: 'an error of the request',
    calls: 1,
    options: { apiKey: 'wrong' },
    show: (model) => caught(model.invoke('Hello')),
  },
  {
    name: 'an agent, invoked',
    calls: 2,
    show: (model) => createAgent({ model, tools: [weather] }).invoke(asked),
  },
  {
    name: 'an agent, streamed by values',
    calls: 2,
    show: async (model) =>
      all(await createAgent({ model, tools: [weather] }).stream(asked, { streamMode: 'values' })),
  },
  {
    name: 'an agent, streamed by messages',
    calls: 2,
    show: async (model) => {
      const agent = createAgent({ model, tools: [weather] })
      const pairs = await all(await agent.stream(asked, { streamMode: 'messages' }))
      return pairs.map(([message]) => message.text).join('')
    },
  },
  {
    name: 'an agent in streamEvents',
    calls: 2,
    async show(model) {
      const agent = createAgent({ model, tools: [weather] })
      const events = await all(agent.streamEvents(asked, { version: 'v2' }))
      return uncut(events.map(({ event, name }) => `${event} ${name}`))
    },
  },
  {
    name: 'an agent with a response format',
    calls: 1,
    show: (model) => createAgent({ model, tools: [], responseFormat: schema }).invoke(hello),
  },
]

describe.each(Object.entries(CLIENTS))('the wrapped model of %s', (_, { make, target }) => {
  it.each(BEHAVIOURS)('does as the bare one: $name', async ({ show, calls, options = {} }) => {
    await using bareServer = await startFake({ apiKeys: ['k'], models: { '*': MODEL } })
    await using server = await startFake({ apiKeys: ['k'], models: { '*': MODEL } })
    const host = listening()
    const settings = { maxTokens: 10_000, ...options }
    const wrapped = withPlimsoll(make(server, settings), host.plimsoll)
    const shown = seen(await show(wrapped, server))
    expect(shown).toEqual(seen(await show(make(bareServer, settings), bareServer)))
    await until(() => host.records.length >= calls)
    expect(host.records).toHaveLength(calls)
    expect(new Set(host.records.map((record) => record.target))).toEqual(new Set([target]))
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('is of its class, with its profile and its fields', async () => {
    await using server = await startFake()
    const model = make(server)
    const wrapped = withPlimsoll(model, listening().plimsoll)
    expect(wrapped).toBeInstanceOf(model.constructor)
    expect(wrapped.profile).toEqual(model.profile)
    expect(wrapped._llmType()).toBe(model._llmType())
    expect(JSON.stringify(wrapped)).toBe(JSON.stringify(model))
    expect((wrapped as { model?: string }).model).toBe('m')
  })

  it('that is wrapped twice is governed once', async () => {
    await using server = await startFake()
    const { plimsoll, records } = listening()
    const twice = withPlimsoll(withPlimsoll(make(server), plimsoll), plimsoll)
    await twice.invoke('Hello')
    await all(await bound(twice).stream(TOOL))
    await all(twice.streamEvents('Hello'))
    expect(server.stats().total.received).toBe(3)
    expect(records.length).toBeLessThanOrEqual(3)
  })
})

describe('a model that is chosen when it is called', () => {
  it.each(['openai', 'anthropic'])('is governed, with what was bound to it: %s', async (modelProvider) => {
    await using server = await startFake()
    const host = listening()
    const baseUrl = modelProvider === 'openai' ? { configuration: { baseURL: `${server.url}/v1` } } : {}
    const model = await initChatModel(undefined, {
      modelProvider,
      apiKey: 'k',
      ...baseUrl,
      anthropicApiUrl: server.url,
      configurableFields: ['model'],
    })
    const wrapped = withPlimsoll(model, host.plimsoll)
    const config = { configurable: { model: 'm' } }
    expect((await wrapped.invoke('Hello', config)).text).not.toBe('')
    const { tool_calls: calls } = await wrapped.bindTools([weather]).invoke(TOOL, config)
    expect(calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
    await all(await wrapped.stream('Hello', config))
    expect(host.records.map(({ target }) => target)).toEqual(Array(3).fill(`${modelProvider}/m`))
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

const MODEL = { ...QUICK, tokensPerSecond: 2_000, maxOutputTokens: 20_000 }

function human(content: string) {
  return { role: 'user', content }
}

function bound(model: BaseChatModel): BaseChatModel {
  const made = model.bindTools!([weather])
  return made as unknown as BaseChatModel
}

/** The tools as the model itself has them once they are bound. */
function toolsOf(model: BaseChatModel): unknown {
  const { kwargs, config, defaultOptions } = bound(model) as unknown as Record<string, { tools?: unknown }>
  return kwargs?.tools ?? config?.tools ?? defaultOptions?.tools
}

async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = []
  for await (const part of parts) read.push(part)
  return read
}

/* Where a stream is cut into pieces is a matter of time: pieces of a kind in a row are one. */

async function merged(parts: AsyncIterable<unknown>): Promise<unknown> {
  const chunks = (await all(parts)) as AIMessageChunk[]
  return chunks.reduce((sum, chunk) => sum.concat(chunk))
}

async function blocksSeen(parts: AsyncIterable<unknown>): Promise<unknown> {
  const events = (await all(parts)) as { event: string; delta?: { text?: string; args?: string } }[]
  const text = events.map(({ delta }) => delta?.text ?? delta?.args ?? '').join('')
  return [text, events.filter(({ event }) => event !== 'content-block-delta')]
}

async function eventsSeen(parts: AsyncIterable<unknown>): Promise<unknown> {
  const events = (await all(parts)) as { event: string; data: { chunk: AIMessageChunk } }[]
  const streamed = events.filter(({ event }) => event === 'on_chat_model_stream')
  const text = streamed.map(({ data }) => data.chunk.text).join('')
  return [uncut(events.map(({ event }) => event)), text, events[0], events.at(-1)]
}

function uncut(names: readonly string[]): string[] {
  return names.filter((name, index) => name !== names[index - 1])
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    return (await promise) as BaseMessage
  } catch (error) {
    const { name, message, status } = error as { name: string; message: string; status?: number }
    return { name, message, status }
  }
}

/** What can be compared: without ids that a run draws, times and ports, and what Plimsoll adds. */
function seen(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, entry: unknown) => {
      if (DRAWN.has(key) || key === 'plimsoll') return undefined
      return typeof entry === 'string'
        ? entry.replaceAll(UUID, 'uuid').replaceAll(PORT, 'port').replaceAll(EXTRACT, 'extract')
        : entry
    }) ?? 'null',
  )
}

const DRAWN: ReadonlySet<string> = new Set(['run_id', 'parent_ids', 'created', 'created_at', 'thread_id'])
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** Agents number the tools that they ask for objects with. */
const EXTRACT = /extract-\d+/g
const PORT = /127\.0\.0\.1:\d+/g

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { PlimsollError } from '@plimsoll/core'
import { streamText, wrapLanguageModel } from 'ai'
import { describe, expect, it } from 'vitest'
import { plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import {
  deltas,
  FINISH,
  listening,
  NOTHING_LEFT,
  PROMPT,
  readAll,
  rejection,
  sleep,
  START,
  startFake,
  streamingModel,
  textParts,
  until,
  upstream,
} from './support.ts'
import type { Listening, Upstream } from './support.ts'

const TARGET = 'mock-provider/mock-model-id'

function governed(opened: Upstream | Upstream[], { plimsoll }: Listening) {
  const model = streamingModel(...[opened].flat())
  return { model, wrapped: wrapLanguageModel({ model, middleware: plimsollMiddleware(plimsoll) }) }
}

describe('a stream', () => {
  it('passes every part on, in order, and settles by the usage of its finish', async () => {
    const host = listening()
    const parts = textParts(3)
    const { wrapped } = governed(upstream(parts), host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    const read = await readAll(stream)
    expect(read.slice(0, -1)).toEqual(parts.slice(0, -1))
    expect(read.at(-1)).toEqual({ ...FINISH, providerMetadata: { plimsoll: { target: TARGET } } })
    expect(host.records).toMatchObject([
      {
        outcome: 'finished',
        estimated: false,
        usage: { inputTokens: 7, outputTokens: 3, cacheReadTokens: 2 },
      },
    ])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('reads no further than its reader: a slow one is not drained for', async () => {
    const host = listening()
    const source = upstream(textParts(100))
    const { wrapped } = governed(source, host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    await sleep(30)
    // Start, text-start and the first content are looked at before the call is said to have opened.
    expect(source.reads).toBe(3)
    const reader = stream.getReader()
    await Promise.all(Array.from({ length: 10 }, () => reader.read()))
    await sleep(30)
    expect(source.reads).toBe(10)
    await reader.cancel()
  })

  it('passes a cancel on to the provider, and gives back what it held', async () => {
    const host = listening()
    const source = upstream([...textParts(100)])
    const { wrapped } = governed(source, host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(source).toMatchObject({ cancelled: true, reason: 'enough', reads: 3 })
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'aborted', estimated: true }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that fails to start after its caller had left is not left open', async () => {
    const host = listening()
    const source = upstream(textParts(5))
    const { model, wrapped } = governed(source, host)
    const caller = new AbortController()
    const late = Promise.withResolvers<void>()
    const { doStream } = model
    model.doStream = async (params) => {
      await late.promise
      return doStream(params)
    }
    const opening = rejection(wrapped.doStream({ prompt: PROMPT, abortSignal: caller.signal }))
    await until(() => host.plimsoll.state().reservations === 1)
    caller.abort(new Error('gone'))
    expect(await opening).toMatchObject({ message: 'gone' })
    late.resolve()
    await until(() => source.cancelled)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('is ended by an abort in its midst, with the reason of the abort', async () => {
    const host = listening()
    const source = upstream([START, ...deltas(2), undefined])
    const { model, wrapped } = governed(source, host)
    const caller = new AbortController()
    const { stream } = await wrapped.doStream({ prompt: PROMPT, abortSignal: caller.signal })
    const read = rejection(readAll(stream))
    await until(() => source.reads === 4)
    caller.abort(new Error('gone'))
    expect(await read).toMatchObject({ message: 'gone' })
    expect(source.cancelled).toBe(true)
    expect(model.doStreamCalls[0]?.abortSignal?.aborted).toBe(true)
    expect(host.records).toMatchObject([{ outcome: 'aborted' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that nobody reads is closed when its lease runs out, and the provider told', async () => {
    const host = listening({ leaseMs: 100 })
    const source = upstream(textParts(100))
    const { model, wrapped } = governed(source, host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    await until(() => host.records.length === 1)
    expect(PlimsollError.find(await rejection(readAll(stream)))).toMatchObject({ code: 'abandoned' })
    expect(host.of('lease.expired')).toHaveLength(1)
    expect(host.records).toMatchObject([{ outcome: 'abandoned', estimated: true }])
    expect(source.cancelled).toBe(true)
    expect(model.doStreamCalls[0]?.abortSignal?.aborted).toBe(true)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('keeps its lease while its reader waits for a silent provider', async () => {
    const host = listening({ leaseMs: 100 })
    const { wrapped } = governed(upstream(textParts(2), 150), host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    expect(await readAll(stream)).toHaveLength(6)
    expect(host.of('lease.expired')).toEqual([])
    expect(host.records).toMatchObject([{ outcome: 'finished', estimated: false }])
  })

  it('keeps its lease while a slow reader takes part after part', async () => {
    const host = listening({ leaseMs: 800 })
    const { wrapped } = governed(upstream(textParts(8)), host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    let read = 0
    for await (const { type } of stream) {
      if (type === 'text-delta') read++
      await sleep(100)
    }
    expect(read).toBe(8)
    expect(host.of('lease.expired')).toEqual([])
    expect(host.records).toMatchObject([{ outcome: 'finished' }])
  })

  it('that ends without a finish is settled at least by its estimate', async () => {
    const host = listening()
    const { wrapped } = governed(upstream([START, ...deltas(3)]), host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    expect(await readAll(stream)).toHaveLength(4)
    expect(host.records).toMatchObject([{ outcome: 'interrupted', estimated: true }])
    expect(host.of('budget.settled')).toMatchObject([{ certainty: 'at-least' }])
  })

  it('with an error part before its content fails as a call, with that error', async () => {
    const host = listening()
    const source = upstream([START, { type: 'error', error: new Error('overloaded') }, ...deltas(1), FINISH])
    const { wrapped } = governed(source, host)
    expect(await rejection(wrapped.doStream({ prompt: PROMPT }))).toMatchObject({ message: 'overloaded' })
    expect(source.cancelled).toBe(true)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    expect(host.records).toMatchObject([{ outcome: 'failed' }])
  })

  it('with an error part after its content passes it on, and what follows: the part is not the end', async () => {
    const host = listening()
    const error = new Error('midway')
    const parts = [START, ...deltas(1), { type: 'error', error } as const, FINISH]
    const { wrapped } = governed(upstream(parts), host)
    const { stream } = await wrapped.doStream({ prompt: PROMPT })
    const read = await readAll(stream)
    expect(read.map(({ type }) => type)).toEqual(['stream-start', 'text-delta', 'error', 'finish'])
    expect(read[2]).toEqual({ type: 'error', error })
    expect(host.records).toMatchObject([{ outcome: 'failed', usage: { inputTokens: 7 } }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('streamText', () => {
  it('settles a short answer that nobody reads', async () => {
    const host = listening()
    const { wrapped } = governed(upstream(textParts(1)), host)
    streamText({ model: wrapped, prompt: 'Hello' })
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'finished', usage: { inputTokens: 7 } }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('closes a long one that nobody reads, and aborts its request', async () => {
    const slow = { ...QUICK_BUT_LONG, tokensPerSecond: 500 }
    await using server = await startFake({ models: { '*': slow } })
    const host = listening({ leaseMs: 200 })
    const openai = withPlimsoll(compatible(server.url), host.plimsoll)
    streamText({ model: openai('m'), prompt: 'Hello [[tokens=100000]]' })
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'abandoned' }])
    await until(() => server.stats().total.abortedByClient === 1)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it.each([
    [true, false],
    [false, true],
  ])('with includeUsage %s settles, estimated: %s', async (includeUsage, estimated) => {
    await using server = await startFake()
    const host = listening()
    const model = withPlimsoll(compatible(server.url, includeUsage), host.plimsoll)('m')
    const result = streamText({ model, prompt: 'Hello' })
    expect(await result.text).not.toBe('')
    expect(host.records).toMatchObject([{ outcome: 'finished', estimated }])
    const metadata = (await result.providerMetadata)?.['plimsoll']
    expect(metadata).toEqual({ target: 'fake/m', ...(estimated ? { estimated } : {}) })
    expect(host.of('budget.settled')).toMatchObject([{ certainty: estimated ? 'at-least' : 'exact' }])
  })
})

const QUICK_BUT_LONG = { ttftMs: 1, maxOutputTokens: 200_000 }

function compatible(url: string, includeUsage = false) {
  return createOpenAICompatible({ name: 'fake', baseURL: `${url}/v1`, includeUsage })
}

import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { PlimsollError } from '@plimsoll/core'
import { APICallError, generateText, RetryError, streamText, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import {
  answer,
  counting,
  FINISH,
  holdSlot,
  listening,
  NOTHING_LEFT,
  PROMPT,
  QUICK,
  readAll,
  rejection,
  START,
  startFake,
  streamingModel,
  textParts,
  until,
  upstream,
} from './support.ts'
import type { Listening } from './support.ts'

const TARGET = 'mock-provider/mock-model-id'
const ONE_SLOT = { targets: { [TARGET]: { limits: { concurrency: 1 } } } }
const TOO_SMALL = { targets: { [TARGET]: { limits: { tpm: 1 } } } }

function governed(model: MockLanguageModelV4, { plimsoll }: Listening) {
  const counter = counting()
  return {
    counter,
    wrapped: wrapLanguageModel({ model, middleware: [counter, plimsollMiddleware(plimsoll)] }),
  }
}

describe('a refusal', () => {
  it('is a PlimsollError that generateText neither wraps nor retries', async () => {
    const host = listening(TOO_SMALL)
    const model = new MockLanguageModelV4({ doGenerate: answer('hi') })
    const { counter, wrapped } = governed(model, host)
    const error = await rejection(generateText({ model: wrapped, prompt: 'Hello', maxRetries: 2 }))
    expect(PlimsollError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ code: 'too-large', attempts: 0 })
    expect(counter.entered).toBe(1)
    expect(model.doGenerateCalls).toHaveLength(0)
  })

  it('is thrown from doStream, so that neither maxRetries nor streamRetries run it again', async () => {
    const host = listening(TOO_SMALL)
    const model = streamingModel(upstream(textParts(1)))
    const { counter, wrapped } = governed(model, host)
    const seen: unknown[] = []
    const result = streamText({
      model: wrapped,
      prompt: 'Hello',
      maxRetries: 2,
      streamRetries: 2,
      onError: ({ error }) => void seen.push(error),
    })
    const parts = await readAll(result.fullStream)
    expect(parts.map(({ type }) => type)).toEqual(['start', 'error'])
    expect(seen.map((error) => PlimsollError.find(error)?.code)).toEqual(['too-large'])
    expect(counter.entered).toBe(1)
    expect(model.doStreamCalls).toHaveLength(0)
  })

  it('of a second try, by its caller, is thrown as it is', async () => {
    await using server = await startFake({ faults: [{ kind: 'overloaded', retryAfterMs: 10 }] })
    const host = listening()
    host.plimsoll.on(({ type }) => {
      if (type === 'attempt.failed') host.plimsoll.close()
    })
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const model = withPlimsoll(openai, host.plimsoll).chat('m')
    const error = await rejection(generateText({ model, prompt: 'Hello', maxRetries: 2 }))
    expect(error).toMatchObject({ name: 'PlimsollError', code: 'closed' })
    expect(server.stats().total.received).toBe(1)
  })

  it('is found in what a host makes of it', () => {
    const refusal = new PlimsollError({ code: 'closed', message: 'closed' })
    const wrapped = new RetryError({ message: 'twice', reason: 'errorNotRetryable', errors: [1, refusal] })
    expect(PlimsollError.find(wrapped)).toBe(refusal)
  })

  it('for a limit that the provider met keeps its error as the cause', async () => {
    await using server = await startFake({ faults: [{ kind: 'rate-limit', retryAfterMs: 60_000 }] })
    const limits = { rpm: 6_000 }
    const host = listening({ queue: { maxWaitMs: 500 }, targets: { 'openai/m': { limits } } })
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const { counter, wrapped } = entered(openai.chat('m'), host)
    const error = await rejection(generateText({ model: wrapped, prompt: 'Hello', maxRetries: 2 }))
    expect(error).toMatchObject({ code: 'rate-limited', attempts: 1 })
    expect(APICallError.isInstance((error as PlimsollError).cause)).toBe(true)
    expect(Object.keys(error as object)).not.toContain('cause')
    expect(counter.entered).toBe(1)
  })
})

function entered(model: ReturnType<ReturnType<typeof createOpenAI>['chat']>, { plimsoll }: Listening) {
  const counter = counting()
  return {
    counter,
    wrapped: wrapLanguageModel({ model, middleware: [counter, plimsollMiddleware(plimsoll)] }),
  }
}

describe("a provider's failure", () => {
  it('is tried again by us, and the host sees none of it', async () => {
    await using server = await startFake({ faults: [{ kind: 'overloaded', retryAfterMs: 10, times: 2 }] })
    const host = listening()
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const { counter, wrapped } = entered(openai.chat('m'), host)
    const { text } = await generateText({ model: wrapped, prompt: 'Hello', maxRetries: 2 })
    expect(text).not.toBe('')
    expect(counter.entered).toBe(1)
    expect(host.records).toMatchObject([{ attempts: 3, retries: 2, failures: { overloaded: 2 } }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that says what is wrong with the request stays itself', async () => {
    await using server = await startFake({ models: { known: QUICK } })
    const host = listening()
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const { counter, wrapped } = entered(openai.chat('unknown'), host)
    const error = await rejection(generateText({ model: wrapped, prompt: 'Hello', maxRetries: 2 }))
    expect(APICallError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false })
    expect([counter.entered, server.stats().total.received]).toEqual([1, 1])
  })

  it('of a rate limit waits in our queue: one answer, and the host sees no error', async () => {
    await using server = await startFake({ faults: [{ kind: 'rate-limit', retryAfterMs: 50 }] })
    const host = listening({ targets: { 'openai/m': { limits: { rpm: 6_000 } } } })
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const { counter, wrapped } = entered(openai.chat('m'), host)
    const { text, usage } = await generateText({ model: wrapped, prompt: 'Hello', maxRetries: 0 })
    expect(text).not.toBe('')
    expect(usage.outputTokens).toBe(20)
    expect(counter.entered).toBe(1)
    expect(host.records).toMatchObject([{ outcome: 'finished', attempts: 2, rateLimited: 1 }])
    expect(server.stats().total.admitted).toBe(1)
  })

  it('of a stream in its first event rejects doStream, whether the provider throws or sends a part', async () => {
    await using server = await startFake({ faults: [{ kind: 'error-event', afterChunks: 0, times: 4 }] })
    const maxAttempts = 2
    const baseURL = `${server.url}/v1`
    const openai = createOpenAI({ baseURL, apiKey: 'k' }).chat('m')
    const compatible = createOpenAICompatible({ name: 'fake', baseURL })('m')
    const host = listening({ retry: { maxAttempts } })
    for (const model of [openai, compatible]) {
      const wrapped = wrapLanguageModel({ model, middleware: plimsollMiddleware(host.plimsoll) })
      // oxlint-disable-next-line no-await-in-loop -- faults are met in turn
      await rejection(wrapped.doStream({ prompt: PROMPT }))
    }
    expect(host.records).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that has no error of its own to show is one all the same', async () => {
    const host = listening()
    const source = upstream([START, { type: 'error', error: undefined }, FINISH])
    const { wrapped } = governed(streamingModel(source), host)
    expect(await rejection(wrapped.doStream({ prompt: PROMPT }))).toBeInstanceOf(Error)
  })
})

describe('a caller that leaves', () => {
  it('while queued is gone from the queue at once, for the reason it gave', async () => {
    const host = listening(ONE_SLOT)
    const model = new MockLanguageModelV4({ doGenerate: answer('hi') })
    const { counter, wrapped } = governed(model, host)
    const release = await holdSlot(host.plimsoll, TARGET)
    const caller = new AbortController()
    const call = rejection(generateText({ model: wrapped, prompt: 'Hello', abortSignal: caller.signal }))
    await until(() => host.plimsoll.state().waiting === 1)
    caller.abort(new Error('gone'))
    expect(host.plimsoll.state()).toEqual({ waiting: 0, reservations: 1 })
    expect(await call).toMatchObject({ message: 'gone' })
    release()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    expect(counter.entered).toBe(1)
    expect(model.doGenerateCalls).toHaveLength(0)
    expect(host.records).toMatchObject([{ outcome: 'aborted', attempts: 0 }])
  })

  it('while its stream is queued too', async () => {
    const host = listening(ONE_SLOT)
    const { wrapped } = governed(streamingModel(upstream(textParts(1))), host)
    const release = await holdSlot(host.plimsoll, TARGET)
    const caller = new AbortController()
    let aborted = 0
    const onAbort = () => void aborted++
    const result = streamText({ model: wrapped, prompt: 'Hello', abortSignal: caller.signal, onAbort })
    const read = readAll(result.fullStream)
    await until(() => host.plimsoll.state().waiting === 1)
    caller.abort()
    expect((await read).map(({ type }) => type)).toEqual(['start', 'abort'])
    expect(aborted).toBe(1)
    release()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('by a timeout of the host leaves the queue as well', async () => {
    const host = listening(ONE_SLOT)
    const { wrapped } = governed(new MockLanguageModelV4({ doGenerate: answer('hi') }), host)
    const release = await holdSlot(host.plimsoll, TARGET)
    const error = await rejection(generateText({ model: wrapped, prompt: 'Hello', timeout: 50 }))
    expect(error).toMatchObject({ name: 'TimeoutError' })
    release()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('in flight aborts the request', async () => {
    await using server = await startFake({ faults: [{ kind: 'slow-first-token', ms: 60_000 }] })
    const host = listening()
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const model = withPlimsoll(openai, host.plimsoll).chat('m')
    const caller = new AbortController()
    const call = rejection(generateText({ model, prompt: 'Hello', abortSignal: caller.signal }))
    await until(() => server.stats().total.inFlight === 1)
    caller.abort(new Error('gone'))
    expect(await call).toMatchObject({ message: 'gone' })
    await until(() => server.stats().total.abortedByClient === 1)
    expect(host.records).toMatchObject([{ outcome: 'aborted', estimated: true, attempts: 1 }])
    expect(host.of('budget.settled')).toMatchObject([{ certainty: 'at-least' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

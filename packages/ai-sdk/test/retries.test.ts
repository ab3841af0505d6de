import { createOpenAI } from '@ai-sdk/openai'
import { PlimsollError } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { APICallError, embed, generateText, streamText } from 'ai'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import { VERSIONS } from './clients.ts'
import { listening, NOTHING_LEFT, QUICK, readAll, rejection, startFake, until } from './support.ts'

const OPEN = { targets: { 'openai/m': { limits: { rpm: 600_000, concurrency: 100 } } } }

function setUp(server: FakeProvider, config: PlimsollConfig = {}) {
  const host = listening({ ...OPEN, ...config })
  const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
  const provider = withPlimsoll(openai, host.plimsoll)
  const model = provider.chat('m')
  /** As an application calls: with the retries that the AI SDK makes by itself. */
  const ask = () => generateText({ model, prompt: 'Hello' })
  return { host, provider, model, ask }
}

async function settled(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(calls)
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
}

describe.each(VERSIONS)('%s and our retries', (_, createClient) => {
  it.each([
    [1, { kind: 'server-error', rate: 1 }],
    [2, { kind: 'connection-reset', rate: 1 }],
    [3, { kind: 'overloaded', rate: 1, retryAfterMs: 5 }],
  ] as const)(
    'do not multiply: at most %i requests a call, whole, streamed or embedded',
    async (maxAttempts, fault) => {
      await using server = await startFake({ faults: [fault] })
      const host = listening({ retry: { maxAttempts, budget: 1 }, breaker: { failures: 1_000 } })
      const client = createClient(server, {
        language: plimsollMiddleware(host.plimsoll),
        embedding: plimsollEmbeddingMiddleware(host.plimsoll),
      })
      const streaming = client.stream('Hello')
      const whole = await settled([client.text('Hello'), client.embed('Hello')])
      const errors = [...whole, ...(await streaming).errors]
      const failed = { name: 'PlimsollError', code: 'provider-failed', attempts: maxAttempts }
      expect(errors).toMatchObject([failed, failed, failed])
      expect(server.stats().total.received).toBe(3 * maxAttempts)
      expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    },
  )
})

describe('30 % of calls failing on the only target', () => {
  it('costs it at most a fifth more calls, and each failure is clear', async () => {
    const calls = 400
    await using server = await startFake({
      faults: [
        { kind: 'overloaded', rate: 0.15, retryAfterMs: 20 },
        { kind: 'server-error', rate: 0.18 },
      ],
    })
    const { host, ask } = setUp(server)
    let next = 0
    const errors: unknown[] = []
    const worker = async (): Promise<void> => {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other, for each of them
      while (next++ < calls) errors.push(...(await settled([ask()])))
    }
    await Promise.all(Array.from({ length: 20 }, worker))
    const { received, faults } = server.stats().total
    expect((faults.overloaded ?? 0) + (faults['server-error'] ?? 0)).toBeGreaterThan(calls * 0.2)
    expect(received).toBeLessThanOrEqual(calls * 1.2)
    expect(received).toBeGreaterThan(calls)
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'provider-failed' })
      const { failure, retryAfterMs, cause } = error as PlimsollError
      expect(APICallError.isInstance(cause)).toBe(true)
      expect([failure, retryAfterMs]).toEqual(
        failure === 'overloaded' ? ['overloaded', 20] : ['server', undefined],
      )
    }
    expect(host.of('breaker.opened')).toEqual([])
    expect(host.records.filter(({ outcome }) => outcome === 'finished')).toHaveLength(calls - errors.length)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('a target that is down', () => {
  const breaker = { failures: 5, openMs: 200 }

  it('is reached by probes alone once the breaker has opened, and nobody waits for it', async () => {
    await using server = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const { host, ask } = setUp(server, { breaker })
    let sentAtOpening: number | undefined
    host.plimsoll.on(({ type }) => {
      if (type === 'breaker.opened') sentAtOpening ??= host.of('budget.reserved').length
    })
    await until(() => {
      void ask().catch(() => {})
      return host.of('breaker.opened').length >= 3
    })
    await until(() => host.plimsoll.state().reservations === 0)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    // Each opening after the first was a probe's.
    const probes = host.of('breaker.opened').length - 1
    expect(host.of('budget.reserved').length - sentAtOpening!).toBeLessThanOrEqual(probes + 1)
    const refusal = await rejection(ask())
    expect(refusal).toMatchObject({ code: 'circuit-open' })
    expect((refusal as PlimsollError).retryAfterMs).toBeGreaterThan(0)
  })

  it('is called again by itself once it is back, within its limits', async () => {
    const limits = [{ unit: 'requests', amount: 20, perMs: 500, algorithm: 'sliding-window' } as const]
    await using server = await startFake({
      models: { '*': { ...QUICK, limits } },
      faults: [{ kind: 'server-error', rate: 1 }],
    })
    const { host, ask } = setUp(server, { breaker, targets: { 'openai/m': { limits } } })
    await until(() => {
      void ask().catch(() => {})
      return host.of('breaker.opened').length > 0
    })
    server.clearFaults()
    await until(() => host.of('breaker.closed').length > 0 || (void ask().catch(() => {}), false))
    const errors = await settled(Array.from({ length: 60 }, ask))
    expect(errors).toEqual([])
    expect(server.stats().total.rejected.total).toBe(0)
    // Those that were begun on the way are still about.
    await until(() => host.plimsoll.state().waiting + host.plimsoll.state().reservations === 0)
  })
})

describe('a burst of 429s', () => {
  it('is met by those on their way and not by those behind them, and all are answered after it', async () => {
    const limits = [{ unit: 'requests', amount: 40, perMs: 400, algorithm: 'token-bucket' } as const]
    await using server = await startFake({
      models: { '*': { ...QUICK, limits } },
      faults: [{ kind: 'rate-limit', rate: 1, retryAfterMs: 300 }],
    })
    const { host, ask } = setUp(server, { targets: { 'openai/m': { limits } } })
    const calls = Array.from({ length: 120 }, ask)
    await until(() => host.of('limit.paused').length > 0)
    await until(() => host.plimsoll.state().reservations === 0)
    server.clearFaults()
    const met = server.stats().total.byStatus['429'] ?? 0
    expect(await settled(calls)).toEqual([])
    expect(met).toBeLessThanOrEqual(40)
    // Paced from then on: as fast as the limit allows, which turns nobody back.
    expect(server.stats().total.byStatus).toEqual({ 200: 120, 429: met })
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('what the provider asks for', () => {
  it('a wait that is too long is told, and not cut short: no second request', async () => {
    await using server = await startFake({ faults: [{ kind: 'overloaded', retryAfterMs: 90_000 }] })
    const { ask } = setUp(server)
    const error = await rejection(ask())
    expect(error).toMatchObject({
      code: 'provider-failed',
      failure: 'overloaded',
      retryAfterMs: 90_000,
      attempts: 1,
    })
    expect(Object.keys(error as object)).not.toContain('cause')
    expect(server.stats().total.received).toBe(1)
  })

  it('a quota that is used up is not asked again, though its error says that it may be', async () => {
    await using server = await startFake({ faults: [{ kind: 'insufficient-quota' }] })
    const { ask } = setUp(server)
    const error = await rejection(ask())
    expect(error).toMatchObject({ code: 'provider-failed', failure: 'quota-exhausted', attempts: 1 })
    expect((error as PlimsollError).cause).toMatchObject({ statusCode: 429, isRetryable: true })
    expect(await rejection(ask())).toMatchObject({ code: 'circuit-open' })
    expect(server.stats().total.received).toBe(1)
  })
})

describe('timeouts', () => {
  it('a stream of nothing but keep-alives is given up, and tried again', async () => {
    await using server = await startFake({ faults: [{ kind: 'keep-alive-only', everyMs: 20 }] })
    const { host, model } = setUp(server, { timeouts: { firstContentMs: 300 } })
    const { text } = streamText({ model, prompt: 'Hello' })
    expect(await text).not.toBe('')
    expect(host.records).toMatchObject([{ outcome: 'finished', attempts: 2, failures: { timeout: 1 } }])
    await until(() => server.stats().total.abortedByClient === 1)
  })

  it('an answer that never comes is a clear failure', async () => {
    await using server = await startFake({ faults: [{ kind: 'stall', rate: 1 }] })
    const { host, ask } = setUp(server, { timeouts: { attemptMs: 100 } })
    const error = await rejection(ask())
    expect(error).toMatchObject({ code: 'provider-failed', failure: 'timeout', attempts: 2 })
    expect(PlimsollError.find(error)).toBe(error)
    await until(() => server.stats().total.abortedByClient === 2)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('a stream that stalls midway ends with an error, and is not begun again', async () => {
    await using server = await startFake({ faults: [{ kind: 'stall', afterChunks: 2 }] })
    const { host, model } = setUp(server, { timeouts: { betweenChunksMs: 200 } })
    const { fullStream } = streamText({ model, prompt: 'Hello' })
    expect(await rejection(readAll(fullStream))).toMatchObject({ name: 'TimeoutError' })
    expect(host.records).toMatchObject([{ outcome: 'failed', attempts: 1, failures: { timeout: 1 } }])
    expect(server.stats().total.received).toBe(1)
  })
})

describe('a hedge', () => {
  it('answers for a request that is slow, which is aborted and paid for', async () => {
    await using server = await startFake()
    const prices = { 'openai/m': { input: 1, output: 1 } }
    const { host, ask } = setUp(server, { hedge: { quantile: 0.9 }, prices })
    for (let call = 0; call < 150; call++) {
      // oxlint-disable-next-line no-await-in-loop -- it learns from one after the other
      await ask()
    }
    server.inject({ kind: 'slow-first-token', ms: 60_000 })
    const { text } = await ask()
    expect(text).not.toBe('')
    await until(() => server.stats().total.abortedByClient >= 1)
    const record = host.records.at(-1)!
    expect(record).toMatchObject({ outcome: 'finished', attempts: 2, estimated: true })
    expect(record.wastedUsd).toBeGreaterThan(0)
    expect(record.costUsd).toBeGreaterThan(record.wastedUsd!)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('of embeddings too, and off where it is not asked for', async () => {
    await using server = await startFake()
    const { host, provider } = setUp(server)
    await embed({ model: provider.embedding('e'), value: 'Hello' })
    expect(host.of('hedge.started')).toEqual([])
    expect(host.records).toMatchObject([{ attempts: 1 }])
  })
})

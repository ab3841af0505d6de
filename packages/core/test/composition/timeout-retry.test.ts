import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, setUp, streamHost, used } from '../support/set-up.ts'

const TARGET = 'openai/model'
const CALL = { target: TARGET, inputTokens: 100, maxOutputTokens: 10 }

describe('timeouts and retry', () => {
  it('an attempt that takes too long is tried once more, and both are paid for', async () => {
    const { clock, plimsoll, records } = setUp({
      timeouts: { attemptMs: 1_000 },
      prices: { [TARGET]: { input: 1, output: 1 } },
    })
    const call = plimsoll.call(CALL, () => new Promise(() => {})).catch((error: unknown) => error)
    await clock.advance(10_000)
    expect(await call).toMatchObject({ name: 'TimeoutError' })
    const [record] = records()
    expect(record).toMatchObject({
      attempts: 2,
      failures: { timeout: 2 },
      estimated: true,
      reason: 'timeout',
    })
    expect(record!.usage).toMatchObject({ inputTokens: 200, outputTokens: 20 })
    expect(record!.wastedUsd).toBe(record!.costUsd)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('waiting in the queue is no part of an attempt', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [TARGET]: { limits: { concurrency: 1 } } },
      timeouts: { attemptMs: 100, firstContentMs: 100 },
    })
    const holder = plimsoll.reserve(CALL)
    const call = plimsoll.call(CALL, async () => 'answered')
    await clock.advance(5_000)
    holder.reservation!.cancel()
    expect(await call).toBe('answered')
  })

  it('waiting is a part of the call', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [TARGET]: { limits: { concurrency: 1 } } },
      timeouts: { callMs: 1_000 },
    })
    plimsoll.reserve(CALL)
    const call = outcomeOf(plimsoll.call(CALL, async () => 'answered'))
    await clock.advance(1_000)
    expect(await call).toMatch(/deadline-exceeded|wait-too-long/)
  })

  it('no repeat is begun that the call has no time for', async () => {
    const { clock, plimsoll } = setUp({ timeouts: { callMs: 3_000 } })
    const call = outcomeOf(plimsoll.call(CALL, () => Promise.reject(httpError(503, { 'retry-after': '3' }))))
    expect(await call).toBe('status 503')
    expect(clock.now()).toBe(0)
  })

  it('those of a task go before those of all, one by one', async () => {
    const { clock, plimsoll, records } = setUp({
      retry: { maxAttempts: 1 },
      timeouts: { attemptMs: 1_000, callMs: 10_000 },
      tasks: { slow: { timeouts: { attemptMs: 60_000 } } },
    })
    const calls = ['slow', 'other'].map((task) =>
      outcomeOf(plimsoll.call({ ...CALL, task }, () => new Promise(() => {}))),
    )
    await clock.advance(60_000)
    await Promise.all(calls)
    expect(records().map(({ latencyMs }) => latencyMs.total)).toEqual([1_000, 10_000])
  })

  it('an answer that comes after its time is thrown away, and its stream closed', async () => {
    const { clock, plimsoll } = setUp({ timeouts: { firstContentMs: 1_000 }, retry: { maxAttempts: 1 } })
    let closed = 0
    const host = streamHost(async function* late() {
      try {
        yield { content: true }
      } finally {
        closed++
      }
    })
    const slow = {
      ...host,
      open: async () => {
        await new Promise<void>((done) => clock.timer(5_000, done))
        const source = (async function* opened() {
          try {
            yield { content: true }
          } finally {
            closed++
          }
        })()
        // Begun, so that closing it is seen.
        await source.next()
        return { value: source }
      },
    }
    const outcome = plimsoll.execute({ host: slow, request: {}, target: TARGET })
    await clock.advance(1_000)
    expect(await outcome).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } })
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    await clock.advance(10_000)
    expect(closed).toBe(1)
  })

  it('without any, no timer is set', async () => {
    const { clock, plimsoll } = setUp()
    const before = clock.pending
    await plimsoll.call(CALL, async () => {
      // The alarm for leases alone.
      expect(clock.pending).toBe(before + 1)
      return used(1, 1)
    })
  })
})

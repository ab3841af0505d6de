import { delayedStore, MemoryStore, virtualClock } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, setUp, streamHost, used } from '../support/set-up.ts'

const TARGET = 'openai/model'
const CALL = { target: TARGET, inputTokens: 1, maxOutputTokens: 1 }
const QUICK = { breaker: { failures: 2, openMs: 1_000 }, retry: { maxAttempts: 1 } } as const

type At = ReturnType<typeof setUp>

function fails(at: At, status = 500): Promise<unknown> {
  return outcomeOf(at.plimsoll.call(CALL, () => Promise.reject(httpError(status))))
}

async function opened(config = {}): Promise<At> {
  const at = setUp({ ...QUICK, ...config })
  for (let call = 0; call < 2; call++) await fails(at)
  return at
}

/** Ends when told to. */
function held(at: At) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  return { call: outcomeOf(at.plimsoll.call(CALL, () => promise)), resolve, reject }
}

describe('the breaker and the queue', () => {
  it('an open one refuses at once, with the time until it is tried again', async () => {
    const at = await opened()
    const { error, state } = at.plimsoll.reserve(CALL)
    expect([state, error?.code]).toEqual(['rejected', 'circuit-open'])
    expect(error!.retryAfterMs).toBeLessThanOrEqual(1_200)
    expect(await at.plimsoll.decide(CALL)).toMatchObject({ kind: 'reject', reason: { code: 'circuit-open' } })
    expect(at.events.filter(({ type }) => type === 'breaker.opened')).toMatchObject([
      { of: 'target', name: TARGET, class: 'server' },
    ])
  })

  it('opening it sends everyone away who waits for its target, and nobody else', async () => {
    const pool = { pool: 'shared' }
    const at = setUp({
      ...QUICK,
      targets: { [TARGET]: pool, 'openai/other': pool },
      pools: { shared: { limits: { concurrency: 1 } } },
    })
    await fails(at)
    const failing = held(at)
    await at.clock.advance(1)
    const waiting = Array.from({ length: 20 }, () => at.plimsoll.reserve(CALL))
    const other = at.plimsoll.reserve({ ...CALL, target: 'openai/other' })
    failing.reject(httpError(500))
    await at.clock.advance(1)
    expect(new Set(waiting.map(({ error }) => error?.code))).toEqual(new Set(['circuit-open']))
    expect(other.state).toBe('granted')
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 1 })
  })

  it('one that the store is just being asked for is sent away too, and what it was granted is given back', async () => {
    const clock = virtualClock()
    const store = delayedStore({ inner: new MemoryStore(), clock, delayMs: () => 20 })
    const at = setUp({ ...QUICK, clock, store, targets: { [TARGET]: { limits: { concurrency: 3 } } } })
    const failing = [held(at), held(at)]
    await clock.advance(100)
    const asking = at.plimsoll.reserve(CALL)
    await clock.advance(10)
    for (const { reject } of failing) reject(httpError(500))
    await clock.advance(1)
    expect(asking.error?.code).toBe('circuit-open')
    await clock.advance(500)
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    const left = at.left(TARGET, 'slots')
    await clock.advance(500)
    expect(await left).toBe(3)
  })

  it('half-open it lets one pass, and all when that one was answered', async () => {
    const at = await opened()
    await at.clock.advance(1_200)
    const probe = held(at)
    expect(at.plimsoll.reserve(CALL).error).toMatchObject({ code: 'circuit-open', retryAfterMs: 1_000 })
    probe.resolve(used(1, 1))
    await probe.call
    expect(at.events.some(({ type }) => type === 'breaker.closed')).toBe(true)
    expect([at.plimsoll.reserve(CALL).state, at.plimsoll.reserve(CALL).state]).toEqual(['granted', 'granted'])
  })

  it('of those that wait when it is half-open one passes, and the others are sent away', async () => {
    const at = await opened({
      targets: { [TARGET]: { limits: [{ unit: 'requests', amount: 2, perMs: 5_000 }] } },
    })
    await at.clock.advance(1_200)
    // The two that failed have used up the window.
    const waiting = [1, 2, 3].map(() => at.plimsoll.reserve(CALL))
    expect(waiting.map(({ state }) => state)).toEqual(['queued', 'queued', 'queued'])
    await at.clock.advance(5_000)
    expect(waiting.map(({ state }) => state)).toEqual(['granted', 'rejected', 'rejected'])
  })

  it('a probe that comes to nothing lets the next one try', async () => {
    const at = await opened()
    await at.clock.advance(1_200)
    const probe = at.plimsoll.reserve(CALL)
    expect(at.plimsoll.reserve(CALL).state).toBe('rejected')
    probe.reservation!.cancel()
    const caller = new AbortController()
    const aborted = outcomeOf(
      at.plimsoll.call({ ...CALL, signal: caller.signal }, () => new Promise(() => {})),
    )
    await at.clock.advance(1)
    caller.abort(new Error('left'))
    expect(await aborted).toBe('left')
    expect(await at.plimsoll.call(CALL, async () => 'answered')).toBe('answered')
    expect(at.plimsoll.reserve(CALL).state).toBe('granted')
  })

  it('a call inside of the probe is part of it', async () => {
    const at = await opened()
    await at.clock.advance(1_200)
    const answer = await at.plimsoll.call(CALL, () =>
      at.plimsoll.call(CALL, () => at.plimsoll.call(CALL, async () => 'inmost')),
    )
    expect(answer).toBe('inmost')
  })

  it('a target that is dead sees nothing but probes, and fewer of them', async () => {
    const at = setUp({ breaker: { failures: 5, openMs: 1_000 } })
    let sent = 0
    const outcomes = new Map<unknown, number>()
    for (let second = 0; second < 120; second++) {
      for (let call = 0; call < 10; call++) {
        void outcomeOf(
          at.plimsoll.call(CALL, async () => {
            sent++
            throw httpError(500)
          }),
        ).then((came) => outcomes.set(came, (outcomes.get(came) ?? 0) + 1))
      }
      await at.clock.advance(1_000)
    }
    await at.clock.advance(60_000)
    // Ten at once before anything was known, their few repeats, and probes after 1, 2, 4, 8, 12, 12 ... seconds.
    expect(sent).toBeLessThan(10 + 5 + 14)
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(1_200)
    expect(outcomes.get('circuit-open')).toBeGreaterThan(1_100)
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})

describe('the breaker and retry', () => {
  it('nobody sleeps for a repeat that would find it open', async () => {
    const at = setUp({ breaker: { failures: 2, openMs: 60_000 } })
    const call = outcomeOf(at.plimsoll.call(CALL, () => Promise.reject(httpError(500))))
    await at.clock.advance(600)
    expect(await call).toBe('status 500')
    expect(at.records()).toMatchObject([{ attempts: 2 }])
  })

  it('a repeat that is refused by it is the failure that it was', async () => {
    const at = setUp({ breaker: { failures: 2, openMs: 60_000 } })
    const waiting = outcomeOf(
      at.plimsoll.call(CALL, () => Promise.reject(httpError(503, { 'retry-after': '2' }))),
    )
    await at.clock.advance(1)
    await fails(at, 502)
    await at.clock.advance(5_000)
    expect(await waiting).toBe('status 503')
  })

  it('the breaker learns from the end of a stream, not from its opening', async () => {
    const at = setUp(QUICK)
    for (let call = 0; call < 2; call++) {
      const host = streamHost(async function* broken() {
        yield { content: true }
        yield { error: httpError(500) }
      })
      const outcome = await at.plimsoll.execute({ host, request: {}, target: TARGET })
      expect(outcome.kind).toBe('ok')
      if (outcome.kind === 'ok') while ((await outcome.reply.value.next()).done !== true);
    }
    expect(at.plimsoll.reserve(CALL).error?.code).toBe('circuit-open')
  })
})

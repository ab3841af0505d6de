import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, parts, setUp, streamHost, used } from '../support/set-up.ts'

const TARGET = 'openai/model'
const CALL = { target: TARGET, inputTokens: 1, maxOutputTokens: 1 }
const broken = () => Object.assign(new Error('broken'), { code: 'ECONNRESET' })

describe('retry and attempt', () => {
  it('a repeat counts for the limits, and not again as a call', async () => {
    const { clock, plimsoll, records, left } = setUp({
      targets: { [TARGET]: { limits: { rpd: 100 } } },
      budgets: [{ per: 'tenant', requests: 1, every: 'day' }],
    })
    const call = plimsoll.call(CALL, async ({ attempt }) => {
      if (attempt < 3) throw httpError(500)
      return 'answered'
    })
    await clock.advance(10_000)
    expect([await call, await left(TARGET, 'requests')]).toEqual(['answered', 97])
    expect(records()).toMatchObject([{ attempts: 3, retries: 2, failures: { server: 2 }, rateLimited: 0 }])
    expect(await outcomeOf(plimsoll.call(CALL, async () => 1))).toBe('wait-too-long')
  })

  it('its slot is free while it waits for a repeat', async () => {
    const { clock, plimsoll } = setUp({ targets: { [TARGET]: { limits: { concurrency: 1 } } } })
    const failing = plimsoll.call(CALL, async ({ attempt }) => {
      if (attempt === 1) throw httpError(503, { 'retry-after': '5' })
      return 'at last'
    })
    await clock.advance(1)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    expect(await plimsoll.call(CALL, async () => 'meanwhile')).toBe('meanwhile')
    await clock.advance(6_000)
    expect(await failing).toBe('at last')
  })

  it('what was lost by an attempt whose connection broke is paid for', async () => {
    const { clock, plimsoll, records } = setUp({ prices: { [TARGET]: { input: 1, output: 1 } } })
    const call = plimsoll.call({ ...CALL, inputTokens: 100, maxOutputTokens: 10 }, async ({ attempt }) => {
      if (attempt === 1) throw broken()
      return used(100, 10)
    })
    await clock.advance(1_000)
    await call
    const [record] = records()
    expect(record).toMatchObject({ usage: { inputTokens: 200, outputTokens: 20 }, estimated: true })
    expect(record!.wastedUsd).toBeCloseTo(record!.costUsd! / 2, 9)
  })

  it('a rate limit is waited for in the queue, and uses up no try', async () => {
    const { clock, plimsoll, records } = setUp({ retry: { maxAttempts: 2 } })
    const outcomes = [httpError(429), httpError(429), httpError(500), httpError(429)]
    const call = plimsoll.call(CALL, async ({ attempt }) => {
      const error = outcomes[attempt - 1]
      if (error !== undefined) throw error
      return 'answered'
    })
    await clock.advance(60_000)
    expect(await call).toBe('answered')
    expect(records()).toMatchObject([{ attempts: 5, rateLimited: 3 }])
  })

  it('a repeat that finds no room in time is the failure that it was', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [TARGET]: { limits: { rpm: 1 } } },
      queue: { maxWaitMs: 2_000 },
    })
    const call = outcomeOf(plimsoll.call(CALL, () => Promise.reject(httpError(500))))
    await clock.advance(10_000)
    expect(await call).toBe('status 500')
  })

  it('all waiting together is bounded, not each attempt anew', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [TARGET]: { limits: { concurrency: 1 } } },
      queue: { maxWaitMs: 1_000, refuse: 'certain' },
    })
    const holder = plimsoll.reserve(CALL)
    clock.timer(900, () => holder.reservation!.cancel())
    const failing = outcomeOf(
      plimsoll.call(CALL, async () => {
        clock.timer(0, () => plimsoll.reserve(CALL))
        throw httpError(503, { 'retry-after': '0.5' })
      }),
    )
    const since = clock.now()
    let over = 0
    void failing.then(() => (over = clock.now() - since))
    await clock.advance(30_000)
    expect(await failing).toBe('status 503')
    expect(over).toBeLessThan(1_600)
  })

  it('a stream is tried again before its first content, and never after it', async () => {
    const { clock, plimsoll, records } = setUp()
    let tries = 0
    const early = streamHost(() =>
      ++tries === 1 ? parts({}, { error: httpError(503) }) : parts({ content: true }),
    )
    const asked = plimsoll.execute({ host: early, request: {}, target: TARGET })
    await clock.advance(1_000)
    const outcome = await asked
    expect([outcome.kind, tries]).toEqual(['ok', 2])
    if (outcome.kind === 'ok') while ((await outcome.reply.value.next()).done !== true);

    tries = 0
    const late = streamHost(() => (tries++, parts({ content: true }, { error: httpError(503) })))
    const reply = await plimsoll.execute({ host: late, request: {}, target: TARGET })
    if (reply.kind === 'ok') while ((await reply.reply.value.next()).done !== true);
    await clock.advance(60_000)
    expect(tries).toBe(1)
    expect(records()).toMatchObject([
      { attempts: 2, failures: { overloaded: 1 } },
      { attempts: 1, outcome: 'failed', failures: { overloaded: 1 } },
    ])
  })

  it('the budget of repeats is asked before anyone sleeps', async () => {
    const { clock, plimsoll, events } = setUp({ breaker: { failures: 1_000 } })
    const calls = Array.from({ length: 50 }, () =>
      outcomeOf(plimsoll.call(CALL, () => Promise.reject(httpError(500)))),
    )
    // Its floor is 5: the other 45 have their errors at once.
    await clock.advance(0)
    expect(events.filter(({ type }) => type === 'retry.scheduled').length).toBeLessThanOrEqual(5)
    await clock.advance(3_000)
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'status 500'))
    const attempts = events.filter(({ type }) => type === 'attempt.failed').length
    expect(attempts).toBeLessThanOrEqual(50 + 5 + 3)
    expect(events.filter(({ type }) => type === 'retry.denied').length).toBeGreaterThanOrEqual(45)
  })

  it('a task has its own number of attempts', async () => {
    const { clock, plimsoll, records } = setUp({
      retry: { maxAttempts: 4 },
      tasks: { quick: { retry: { maxAttempts: 1 } } },
    })
    const failing = (task: string) =>
      outcomeOf(plimsoll.call({ ...CALL, task }, () => Promise.reject(httpError(500))))
    const calls = Promise.all([failing('quick'), failing('constructor')])
    await clock.advance(60_000)
    await calls
    expect(records().map(({ attempts }) => attempts)).toEqual([1, 4])
  })
})

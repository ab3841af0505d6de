import { describe, expect, it } from 'vitest'
import { HOUR, setUpCache, sleep, TARGET } from '../support/caching.ts'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const CACHED = { tasks: { faq: { cache: { ttlMs: HOUR } } } } as const
const CALL = { target: TARGET, task: 'faq', input: 'q', inputTokens: 1, maxOutputTokens: 1 } as const

describe('reuse and retry', () => {
  it('twins share the tries of one call, and the answer that came of them is kept', async () => {
    const { clock, plimsoll, records } = setUp(CACHED)
    let sent = 0
    const ask = () =>
      plimsoll.call(CALL, async () => {
        if (++sent < 3) throw httpError(503)
        return `answer ${sent}`
      })
    const twins = [ask(), ask(), ask()]
    await clock.advance(60_000)
    expect(await Promise.all(twins)).toEqual(['answer 3', 'answer 3', 'answer 3'])
    expect(await ask()).toBe('answer 3')
    expect(sent).toBe(3)
    expect(records().map(({ retries, cache }) => [retries, cache])).toEqual([
      [2, undefined],
      [0, 'joined'],
      [0, 'joined'],
      [0, 'hit'],
    ])
  })

  it('hits earn no repeats: a provider that fails is not repeated for what the cache answers', async () => {
    const { clock, plimsoll, events } = setUp({
      ...CACHED,
      retry: { budget: 1 },
      breaker: { failures: 1_000 },
    })
    await plimsoll.call(CALL, async () => 'kept')
    for (let nth = 0; nth < 500; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await plimsoll.call(CALL, async () => 'never asked')
    }
    const failing = Array.from({ length: 50 }, () =>
      outcomeOf(
        plimsoll.call({ target: TARGET, inputTokens: 1, maxOutputTokens: 1 }, () =>
          Promise.reject(httpError(503)),
        ),
      ),
    )
    await clock.advance(1)
    // The floor of five, and the one that the first answer has earned.
    expect(events.filter(({ type }) => type === 'retry.scheduled')).toHaveLength(6)
    await clock.advance(60_000)
    await Promise.all(failing)
  })
})

describe('reuse and hedges', () => {
  it('the answer that won is the one that twins get, and that is kept', async () => {
    const at = await warmedUp(CACHED)
    let sent = 0
    const ask = () =>
      at.plimsoll.call(CALL, ({ attempt }) => {
        sent++
        return after(at, attempt === 1 ? 60_000 : 10, `attempt ${attempt}`)
      })
    const twins = [ask(), ask()]
    await at.clock.advance(2_000)
    expect(await Promise.all(twins)).toEqual(['attempt 2', 'attempt 2'])
    await at.clock.advance(120_000)
    expect([await ask(), sent, hedges(at)]).toEqual(['attempt 2', 2, 1])
  })
})

describe('reuse and the breaker', () => {
  const config = { ...CACHED, breaker: { failures: 1, openMs: 1_000 }, retry: { maxAttempts: 1 } } as const
  const fail = () => Promise.reject(httpError(503))
  const other = { ...CALL, task: 'other' }

  it('what is kept is served while its target is not called, and tells nothing of how that does', async () => {
    const { clock, plimsoll, events } = setUp(config)
    await plimsoll.call(CALL, async () => 'kept')
    await outcomeOf(plimsoll.call(other, fail))
    expect(await plimsoll.call(CALL, async () => 'never asked')).toBe('kept')
    expect(await outcomeOf(plimsoll.call(other, async () => 'closed off'))).toBe('circuit-open')
    await clock.advance(1_500)
    expect(await plimsoll.call(CALL, async () => 'never asked')).toBe('kept')
    expect(events.some(({ type }) => type === 'breaker.closed')).toBe(false)
  })

  it('twins are refused together while it is open, and one of them is the probe when it is not', async () => {
    const { clock, plimsoll } = setUp(config)
    let sent = 0
    const ask = () => plimsoll.call(CALL, async () => `answer ${++sent}`)
    await outcomeOf(plimsoll.call(other, fail))
    expect(await Promise.all([ask(), ask(), ask()].map(outcomeOf))).toEqual([
      'circuit-open',
      'circuit-open',
      'circuit-open',
    ])
    await clock.advance(1_500)
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['answer 1', 'answer 1', 'answer 1'])
    expect(sent).toBe(1)
  })
})

describe('reuse and timeouts', () => {
  it('an answer that comes after its time is not kept', async () => {
    const { ask, clock, seen } = setUpCache({
      tasks: { faq: { cache: { ttlMs: HOUR }, timeouts: { attemptMs: 50 }, retry: { maxAttempts: 1 } } },
    })
    for (const nth of [1, 2]) {
      const late = ask('q').catch((error: unknown) => error)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(200)
      // oxlint-disable-next-line no-await-in-loop -- it is over
      expect(await late).toMatchObject({ name: 'TimeoutError' })
      expect(seen.calls).toBe(nth)
    }
  })

  it('a hit takes none of the time that a call is given', async () => {
    const { asked, ask } = setUpCache({
      tasks: { faq: { cache: { ttlMs: HOUR }, timeouts: { callMs: 150 } } },
    })
    await asked('q')
    expect(await ask('q')).toEqual({ n: 1 })
  })

  it('who joins late has a time of its own: it does not end with that of the first', async () => {
    const { clock, plimsoll } = setUp({
      tasks: { faq: { cache: { ttlMs: HOUR }, timeouts: { callMs: 1_000 }, retry: { maxAttempts: 1 } } },
      targets: { [TARGET]: { limits: { concurrency: 1 } } },
    })
    const holder = plimsoll.reserve({ target: TARGET, inputTokens: 1, maxOutputTokens: 1 })
    const ask = () =>
      outcomeOf(
        plimsoll.call(CALL, async () => {
          await sleep(clock, 300)
          return 'answered'
        }),
      )
    const first = ask()
    await clock.advance(900)
    const second = ask()
    await clock.advance(50)
    holder.reservation!.cancel()
    await clock.advance(1_000)
    expect(await second).toBe('answered')
    // It is answered for the other: what is there is not kept from whoever still waits.
    expect(await first).toBe('answered')
  })
})

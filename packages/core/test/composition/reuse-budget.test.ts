import { describe, expect, it } from 'vitest'
import { CACHED, setUpCache, TARGET } from '../support/caching.ts'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const config = {
  ...CACHED,
  prices: { [TARGET]: { input: 1, output: 10 } },
  budgets: [
    { per: 'tenant', requests: 2, tokens: 1_000, usd: 1, every: 'day' },
    { per: 'user', requests: 1, every: 'day' },
  ],
  queue: { maxWaitMs: 1 },
} as const

describe('reuse and budgets', () => {
  it('what is served from the cache, or shared, counts in none of them', async () => {
    const { plimsoll, records } = setUp(config)
    const ask = (user: string) =>
      plimsoll.call(
        { target: TARGET, task: 'faq', input: 'q', tenant: 'acme', user, maxOutputTokens: 100 },
        async () => used(10, 50),
      )
    const left = async () =>
      (await plimsoll.headroom(TARGET, { tenant: 'acme' })).limits
        .filter(({ key }) => key.includes('acme'))
        .map(({ unit, available }) => [unit, Math.round(available * 1e6) / 1e6])
    await Promise.all([ask('a'), ask('b'), ask('c')])
    const once = await left()
    expect(once).toContainEqual(['requests', 1])
    expect(once).toContainEqual(['tokens', 940])
    expect(once).toContainEqual(['usd', 1 - 0.00051])
    for (let n = 0; n < 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask('a')
    }
    expect(await left()).toEqual(once)
    expect(records().map(({ costUsd }) => costUsd)).toEqual([0.00051, ...Array.from({ length: 22 }, () => 0)])
    expect(plimsoll.report().rows[0]).toMatchObject({ requests: 23, costUsd: 0.00051 })
  })

  it('one who is refused for its own sake is refused alone; the next one’s budget pays', async () => {
    const { ask, clock, plimsoll, seen } = setUpCache({ ...config, budgets: [config.budgets[1]] })
    await plimsoll.call({ target: TARGET, input: 'x', user: 'spent' }, async () => used(1))
    const all = ['spent', 'ada', 'bob'].map((user) => outcomeOf(ask('q', { user })))
    await clock.advance(200)
    expect(await Promise.all(all)).toEqual(['wait-too-long', { n: 1 }, { n: 1 }])
    expect(seen.calls).toBe(1)
    const callOf = (user: string) => ({ target: TARGET, inputTokens: 1, maxOutputTokens: 1, user })
    expect(plimsoll.reserve(callOf('ada')).state).toBe('rejected')
    expect(plimsoll.reserve(callOf('bob')).state).toBe('granted')
  })

  it('all are refused when each is for its own sake', async () => {
    const { ask, clock, seen } = setUpCache({
      ...CACHED,
      budgets: [{ per: 'tenant', tokens: 5, every: 'day' }],
    })
    const all = [1, 2, 3].map(() => outcomeOf(ask('q', { inputTokens: 100 })))
    await clock.advance(200)
    expect(await Promise.all(all)).toEqual(['too-large', 'too-large', 'too-large'])
    expect(seen.calls).toBe(0)
  })

  it('what a flight has cost whose callers all left is told by the last of them', async () => {
    const { ask, clock, records } = setUpCache({ ...config, budgets: [] })
    const controllers = [new AbortController(), new AbortController()]
    const all = controllers.map(({ signal }) => outcomeOf(ask('q', { signal })))
    await clock.advance(10)
    for (const controller of controllers) controller.abort(new Error('left'))
    await clock.advance(0)
    await Promise.all(all)
    expect(records().map(({ attempts, wastedUsd }) => [attempts, wastedUsd! > 0])).toEqual([
      [0, false],
      [1, true],
    ])
  })
})

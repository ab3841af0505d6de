import { describe, expect, it } from 'vitest'
import { CACHED, setUpCache, slowStore, TARGET } from '../support/caching.ts'
import { opened, outcomeOf, parts, setUp, streamHost, used } from '../support/set-up.ts'
import { virtualClock } from '@plimsoll/core/testing'

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

describe('a budget that counts hits', () => {
  const budget = { per: 'user', requests: 3, every: 'day', countHits: true } as const

  it('is a quota of answers: the first and its hits count alike, and then it is refused', async () => {
    const { asked, records, caches, seen } = setUpCache({ ...CACHED, budgets: [budget] })
    for (let nth = 0; nth < 3; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await asked('q', { user: 'ada' })).toEqual({ n: 1 })
    }
    await expect(asked('q', { user: 'ada' })).rejects.toMatchObject({
      code: 'wait-too-long',
      limit: 'budget:user=ada:requests:day',
      retryAfterMs: expect.any(Number),
    })
    expect(await asked('q', { user: 'bob' })).toEqual({ n: 1 })
    expect(seen.calls).toBe(1)
    expect(caches()).toEqual(['none', 'hit', 'hit', 'none', 'hit'])
    expect(records()[3]).toMatchObject({ outcome: 'rejected', reason: 'wait-too-long', attempts: 0 })
  })

  it('counts those who join a call, each on an account of its own', async () => {
    const { ask, clock, plimsoll, seen } = setUpCache({ ...CACHED, budgets: [{ ...budget, requests: 2 }] })
    const all = ['ada', 'ada', 'ada', 'bob'].map((user) => outcomeOf(ask('q', { user })))
    await clock.advance(200)
    expect(await Promise.all(all)).toEqual([{ n: 1 }, { n: 1 }, 'wait-too-long', { n: 1 }])
    expect(seen.calls).toBe(1)
    const left = async (user: string) =>
      (await plimsoll.headroom(TARGET, { user })).limits.find(({ key }) => key.includes(user))!.available
    expect([await left('ada'), await left('bob')]).toEqual([0, 1])
  })

  it('takes nothing of any where one has none left, and leaves tokens and money alone', async () => {
    const { asked, plimsoll } = setUpCache({
      ...CACHED,
      prices: { [TARGET]: { input: 1, output: 1 } },
      budgets: [
        { ...budget, tokens: 1_000, usd: 1 },
        { per: 'tenant', limits: [{ unit: 'requests', amount: 2, perMs: 86_400_000 }], countHits: true },
        { per: 'feature', requests: 5, every: 'day' },
      ],
    })
    const call = { user: 'ada', tenant: 'acme', feature: 'chat' }
    await asked('q', call)
    const left = async () =>
      (await plimsoll.headroom(TARGET, call)).limits
        .filter(({ key }) => key.startsWith('budget'))
        .map(({ available }) => available)
    const [, tokens, usd] = await left()
    await asked('q', call)
    expect(await outcomeOf(asked('q', call))).toBe('wait-too-long')
    expect(await left()).toEqual([1, tokens, usd, 0, 4])
  })

  it('starts anew with its period', async () => {
    const { asked, clock } = setUpCache({ ...CACHED, budgets: [{ ...budget, requests: 1, every: 'minute' }] })
    await asked('q', { user: 'ada' })
    expect(await outcomeOf(asked('q', { user: 'ada' }))).toBe('wait-too-long')
    await clock.advance(60_000)
    expect(await asked('q', { user: 'ada' })).toEqual({ n: 1 })
  })

  it('lets a rung stand in for an answer that it has refused', async () => {
    const { asked, clock, caches } = setUpCache({
      tasks: { faq: { cache: { ttlMs: 1_000, staleIfErrorMs: 1e9 }, degrade: ['stale'] } },
      budgets: [{ ...budget, requests: 1 }],
      queue: { maxWaitMs: 1_000 },
    })
    await asked('q', { user: 'ada' })
    await clock.advance(5_000)
    expect(await asked('q', { user: 'ada' })).toEqual({ n: 1 })
    expect(caches()).toEqual(['none', 'stale'])
  })

  it('a stream that is joined and refused is left, and goes on for the others', async () => {
    const { plimsoll, clock } = setUp({ ...CACHED, budgets: [{ ...budget, requests: 1 }] })
    let read = 0
    const host = streamHost(async function* () {
      for (; read < 3; read++) yield { content: true }
      yield { finish: 'stop' as const }
    })
    const call = { host, request: 'q', target: TARGET, attributes: { task: 'faq', user: 'ada' } }
    const [first, second] = [opened(plimsoll.execute(call)), plimsoll.execute(call)]
    expect(await second).toMatchObject({ kind: 'rejected', side: 'caller', error: { code: 'wait-too-long' } })
    const { value, end } = await first
    const seen: unknown[] = []
    for (let next = await value.next(); next.done !== true; next = await value.next()) seen.push(next.value)
    expect(seen).toHaveLength(4)
    expect(await end).toMatchObject({ how: 'finished' })
    await clock.advance(1)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    expect(await plimsoll.execute({ ...call, host: streamHost(() => parts()) })).toMatchObject({
      kind: 'rejected',
    })
  })

  it('who is refused keeps no stream open: when the others have left, its provider is told', async () => {
    const { plimsoll } = setUp({ ...CACHED, budgets: [{ ...budget, requests: 1 }] })
    let closed = false
    const host = streamHost(async function* () {
      try {
        for (;;) yield { content: true }
      } finally {
        closed = true
      }
    })
    const call = { host, request: 'q', target: TARGET, attributes: { task: 'faq', user: 'ada' } }
    const [first, second] = [opened(plimsoll.execute(call)), plimsoll.execute(call)]
    expect(await second).toMatchObject({ kind: 'rejected' })
    await (await first).value.return?.()
    await (
      await first
    ).end
    expect([closed, plimsoll.state().reservations]).toEqual([true, 0])
  })

  it('without a look-up of who has what, nothing is given away', async () => {
    let fails = false
    const clock = virtualClock()
    const { asked } = setUpCache(
      {
        ...CACHED,
        budgets: ({ user }) => {
          if (fails) throw new Error(`no budgets for ${user}`)
          return [budget]
        },
      },
      { clock },
    )
    await asked('q', { user: 'ada' })
    fails = true
    expect(await outcomeOf(asked('q', { user: 'bob' }))).toBe('budgets-unavailable')
  })

  it('is found by another process too, whose hits come from the store', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock)
    const shared = {
      ...CACHED,
      cache: { store, secret: 'a secret for tests' },
      budgets: [{ ...budget, requests: 1 }],
    }
    await setUpCache(shared, { clock }).asked('q', { user: 'ada' })
    const other = setUpCache(shared, { clock })
    expect(await other.asked('q', { user: 'ada' })).toEqual({ n: 1 })
    expect(await outcomeOf(other.asked('q', { user: 'ada' }))).toBe('wait-too-long')
    expect(other.seen.calls).toBe(0)
  })

  it.each([
    [{ per: 'user', usd: 5, every: 'month', countHits: true }],
    [{ per: 'user', limits: [{ unit: 'tokens', amount: 5, perMs: 5 }], countHits: true }],
  ])('has requests to count: %j has none', (wrong) => {
    expect(() => setUp({ budgets: [wrong] as unknown as (typeof budget)[] })).toThrow(
      /`countHits` counts requests/,
    )
  })
})

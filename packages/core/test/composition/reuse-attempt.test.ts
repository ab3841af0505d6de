import { describe, expect, it } from 'vitest'
import { virtualClock } from '@plimsoll/core/testing'
import { answering, CACHED, setUpCache, sleep, slowStore, TARGET } from '../support/caching.ts'
import { httpError, ONE_TRY, outcomeOf, setUp } from '../support/set-up.ts'

const ONE_SLOT = { ...CACHED, targets: { [TARGET]: { limits: { concurrency: 1 } } } }

describe('reuse and attempt', () => {
  it('a call that is shared goes by the highest priority of those who wait for it', async () => {
    const { plimsoll, clock } = setUp(ONE_SLOT)
    const order: string[] = []
    const { fn } = answering(clock, { ms: 10 })
    const ask = (name: string, own: object) =>
      plimsoll.call({ target: TARGET, inputTokens: 1, maxOutputTokens: 1, ...own }, async (context) => {
        order.push(name)
        return fn(context)
      })
    const all = [
      ask('first', {}),
      ask('shared', { task: 'faq', input: 'q', priority: 'low' }),
      ask('other', { priority: 'medium' }),
    ]
    await clock.advance(1)
    all.push(ask('joined', { task: 'faq', input: 'q', priority: 'high' }))
    await clock.advance(100)
    await Promise.all(all)
    expect(order).toEqual(['first', 'shared', 'other'])
  })

  it('and waits as long as the one who waits longest; who cannot leaves it alone', async () => {
    const { plimsoll, clock, records } = setUp(ONE_SLOT)
    const { fn, seen } = answering(clock, { ms: 1_000 })
    const ask = (own: object) =>
      outcomeOf(plimsoll.call({ target: TARGET, maxOutputTokens: 1, queue: 1, ...own } as never, fn))
    const before = ask({ input: 'other', task: undefined })
    const soon = ask({ input: 'q', task: 'faq', deadlineMs: 500, user: 'soon' })
    const late = ask({ input: 'q', task: 'faq', deadlineMs: 5_000 })
    await clock.advance(500)
    expect(await soon).toBe('deadline-exceeded')
    await clock.advance(2_000)
    expect([await before, await late]).toEqual([{ n: 1 }, { n: 2 }])
    expect(seen.calls).toBe(2)
    expect(records().map(({ outcome, reason, attempts }) => [outcome, reason, attempts])).toEqual([
      ['rejected', 'deadline-exceeded', 0],
      ['finished', undefined, 1],
      ['finished', undefined, 1],
    ])
  })

  it('a slow look-up takes nothing from the time that a call may wait for room', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock, { ms: 50 })
    const { ask } = setUpCache(
      { ...CACHED, cache: { store, secret: 'a secret of the tests' }, queue: { maxWaitMs: 1 } },
      { clock },
    )
    const all = [ask('q'), ask('q')]
    await clock.advance(300)
    expect(await Promise.all(all)).toEqual([{ n: 1 }, { n: 1 }])
  })

  it('who joins later may wait as long as everyone, though those before it have waited in vain', async () => {
    const { plimsoll, clock } = setUp({ ...ONE_SLOT, queue: { maxWaitMs: 1_000, refuse: 'certain' } })
    const { fn, seen } = answering(clock, { ms: 10 })
    const held = plimsoll.reserve({ target: TARGET, inputTokens: 1, maxOutputTokens: 1 })
    const ask = () =>
      outcomeOf(plimsoll.call({ target: TARGET, task: 'faq', input: 'q', maxOutputTokens: 1 }, fn))
    const early = [ask(), ask()]
    await clock.advance(600)
    const late = [ask(), ask()]
    await clock.advance(500)
    expect(await Promise.all(early)).toEqual(['deadline-exceeded', 'deadline-exceeded'])
    held.cancel()
    await clock.advance(100)
    expect([await Promise.all(late), seen.calls]).toEqual([[{ n: 1 }, { n: 1 }], 1])
  })

  it('a call inside another never waits for one that waits for its slot', async () => {
    const { plimsoll, clock } = setUp(ONE_SLOT)
    const { fn, seen } = answering(clock, { ms: 10 })
    const question = { target: TARGET, task: 'faq', input: 'q', maxOutputTokens: 1 }
    const outer = plimsoll.call({ target: TARGET, inputTokens: 1, maxOutputTokens: 1 }, async () => {
      await sleep(clock, 50)
      return plimsoll.call(question, fn)
    })
    await clock.advance(10)
    // Leads a flight, and waits for the slot that the outer call holds.
    const waiting = plimsoll.call(question, fn)
    await clock.advance(200)
    expect([await outer, await waiting, seen.calls]).toEqual([{ n: 1 }, { n: 2 }, 2])
  })

  it('a rate limit is met once for all of them', async () => {
    const { plimsoll, clock } = setUp(CACHED)
    let tries = 0
    const ask = () =>
      plimsoll.call({ target: TARGET, task: 'faq', input: 'q', maxOutputTokens: 1 }, async () => {
        if (++tries === 1) throw httpError(429, { 'retry-after': '1' })
        return 'answer'
      })
    const all = [ask(), ask(), ask()]
    await clock.advance(10_000)
    expect([await Promise.all(all), tries]).toEqual([['answer', 'answer', 'answer'], 2])
  })

  it('a failure is everyone’s, and the next one asks anew', async () => {
    const { plimsoll } = setUp({ ...ONE_TRY, ...CACHED })
    let tries = 0
    const ask = () =>
      outcomeOf(
        plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, async () => {
          if (++tries === 1) throw httpError(500)
          return 'answer'
        }),
      )
    expect(await Promise.all([ask(), ask()])).toEqual(['status 500', 'status 500'])
    expect([await ask(), tries]).toEqual(['answer', 2])
  })

  it('an answer that cannot be copied or kept is had by each for itself', async () => {
    const { plimsoll, events } = setUp(CACHED)
    let calls = 0
    const ask = () =>
      plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, async () => {
        calls++
        return { say: () => 'hi' }
      })
    const answers = await Promise.all([ask(), ask(), ask()])
    expect(answers.map(({ say }) => say())).toEqual(['hi', 'hi', 'hi'])
    expect(calls).toBe(3)
    expect(events.filter(({ type }) => type === 'cache.failed')).toHaveLength(1)
  })

  it('a caller who has left already starts nothing', async () => {
    const { ask, seen, records } = setUpCache()
    expect(await outcomeOf(ask('q', { signal: AbortSignal.abort(new Error('gone')) }))).toBe('gone')
    expect([seen.calls, records()[0]?.outcome]).toEqual([0, 'aborted'])
  })

  it('each runs in the context of its own caller', async () => {
    const { plimsoll } = setUp({
      ...CACHED,
      budgets: [{ per: 'user', requests: 1, every: 'day' }],
      queue: { maxWaitMs: 1 },
    })
    await plimsoll.call({ target: TARGET, input: 'other', user: 'spent' }, async () => 'x')
    const ask = (user: string) =>
      outcomeOf(
        plimsoll.with({ user }, () =>
          plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, async () =>
            plimsoll
              .headroom(TARGET)
              .then(({ limits }) => limits.find(({ key }) => key.includes('user='))?.key),
          ),
        ),
      )
    const [spent, own] = await Promise.all([ask('spent'), ask('ada')])
    expect(spent).toBe('wait-too-long')
    expect(own).toContain('ada')
  })
})

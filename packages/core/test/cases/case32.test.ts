import { describe, expect, it } from 'vitest'
import { answering, HOUR, setUpCache, slowStore, TARGET } from '../support/caching.ts'
import { outcomeOf, setUp } from '../support/set-up.ts'
import { virtualClock } from '@plimsoll/core/testing'

describe('case 32: identical calls at once', () => {
  it('10 make one call upstream, and each gets an answer of its own', async () => {
    const { ask, clock, seen, caches } = setUpCache({ tasks: { faq: { coalesce: true } } })
    const all = Array.from({ length: 10 }, () => ask('q'))
    await clock.advance(100)
    const answers = await Promise.all(all)
    expect(seen.calls).toBe(1)
    expect(answers).toEqual(Array.from({ length: 10 }, () => ({ n: 1 })))
    expect(new Set(answers).size).toBe(10)
    expect(caches()).toEqual(['none', ...Array.from({ length: 9 }, () => 'joined')])
  })

  it('without `coalesce`, a cache or temperature 0 each makes its own', async () => {
    const { ask, clock, seen } = setUpCache({ tasks: { faq: {} } })
    const all = [{ temperature: 1 }, { temperature: 1 }, { temperature: 0 }, { temperature: 0 }].map((q) =>
      ask(q),
    )
    await clock.advance(100)
    await Promise.all(all)
    expect(seen.calls).toBe(3)
  })

  it('100 staggered over twice its length, with a slow cache, an aborted leader and one refused for its own sake', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock, { ms: 50 })
    const { plimsoll, records } = setUp(
      {
        tasks: { faq: { cache: { ttlMs: HOUR } } },
        cache: { store, secret: 'a secret of the tests' },
        budgets: [{ per: 'user', requests: 1, every: 'day' }],
        queue: { maxWaitMs: 5_000 },
      },
      clock,
    )
    const { fn, seen } = answering(clock, { ms: 1_000 })
    const ask = (user: string, signal?: AbortSignal) =>
      outcomeOf(
        plimsoll.call(
          { target: TARGET, task: 'faq', input: 'q', tenant: 'acme', user, ...(signal && { signal }) },
          fn,
        ),
      )
    // The one who will lead has used up its own budget already.
    await plimsoll.call({ target: TARGET, input: 'other', tenant: 'acme', user: 'spent' }, async () => 'x')
    const controller = new AbortController()
    const spent = ask('spent')
    const leaver = ask('leaver', controller.signal)
    const innocent: Promise<unknown>[] = []
    for (let n = 0; n < 98; n++) {
      innocent.push(ask(`user-${n}`))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(2_000 / 98)
      if (n === 10) controller.abort(new Error('left'))
    }
    await clock.advance(5_000)
    expect(await spent).toBe('wait-too-long')
    expect(await leaver).toBe('left')
    expect(await Promise.all(innocent)).toEqual(Array.from({ length: 98 }, () => ({ n: 1 })))
    expect([seen.calls, seen.aborted]).toEqual([1, 0])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    const told = Map.groupBy(records().slice(1), ({ cache, outcome }) => cache ?? outcome)
    expect(told.get('hit')!.length + told.get('joined')!.length).toBe(98)
    // Somebody has the attempt in its record, and only one.
    expect(records().reduce((sum, { attempts }) => sum + attempts, 0)).toBe(2)
  })

  it('the last one to leave aborts the call, those before it do not', async () => {
    const { ask, clock, seen, plimsoll, records } = setUpCache()
    const controllers = [new AbortController(), new AbortController(), new AbortController()]
    const all = controllers.map(({ signal }) => outcomeOf(ask('q', { signal })))
    await clock.advance(10)
    controllers[0]!.abort(new Error('first'))
    controllers[2]!.abort(new Error('third'))
    await clock.advance(10)
    expect([seen.aborted, plimsoll.state().reservations]).toEqual([0, 1])
    controllers[1]!.abort(new Error('second'))
    await clock.advance(0)
    expect(await Promise.all(all)).toEqual(['first', 'second', 'third'])
    expect([seen.calls, seen.aborted, plimsoll.state().reservations]).toEqual([1, 1, 0])
    expect(records().map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ['aborted', 0],
      ['aborted', 0],
      ['aborted', 1],
    ])
    // Nothing is left that another one could join.
    const again = ask('q')
    await clock.advance(100)
    expect(await again).toEqual({ n: 2 })
  })

  it('nobody slips between an answer and its being kept', async () => {
    const { plimsoll } = setUp({ tasks: { faq: { cache: { ttlMs: HOUR } } } })
    const { promise, resolve } = Promise.withResolvers<string>()
    let calls = 0
    const ask = () =>
      plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, () => {
        calls++
        return promise
      })
    const all = [ask()]
    await new Promise((done) => setImmediate(done))
    resolve('answer')
    for (let turn = 0; turn < 60; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      await Promise.resolve()
      all.push(ask())
    }
    await Promise.all(all)
    expect(calls).toBe(1)
  })

  it('the cache is asked, and the answer written, before anyone can slip between', async () => {
    const clock = virtualClock()
    const { store, does } = slowStore(clock, { ms: 50 })
    const { plimsoll } = setUp(
      {
        tasks: { faq: { cache: { ttlMs: HOUR } } },
        cache: { store, secret: 'a secret of the tests' },
      },
      clock,
    )
    const { fn, seen } = answering(clock, { ms: 7 })
    const all: Promise<unknown>[] = []
    for (let n = 0; n < 300; n++) {
      all.push(plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, fn))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(1)
    }
    await Promise.all(all)
    await plimsoll.flush()
    expect([seen.calls, does.sets]).toEqual([1, 1])
  })
})

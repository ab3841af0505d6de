import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TryBudget } from './try-budget.ts'

const OPTIONS = { perSecond: 1, least: 5, most: 100 }

describe('a budget of tries', () => {
  it('begins with its floor, and is used up', () => {
    const budget = new TryBudget(OPTIONS, 0)
    expect(Array.from({ length: 7 }, () => budget.take(0))).toEqual([
      ...Array.from({ length: 5 }, () => true),
      false,
      false,
    ])
  })

  it('has another each second, up to its floor and no further', () => {
    const budget = new TryBudget(OPTIONS, 0)
    while (budget.take(0));
    expect([budget.take(999), budget.take(1_000), budget.take(1_000)]).toEqual([false, true, false])
    let taken = 0
    while (budget.take(1_000_000)) taken++
    expect(taken).toBe(5)
  })

  it('is fed by successes beyond its floor, up to the most that it saves', () => {
    const budget = new TryBudget(OPTIONS, 0)
    for (let success = 0; success < 100_000; success++) budget.earned(0.1)
    let taken = 0
    while (budget.take(0)) taken++
    expect(taken).toBe(100)
  })

  it('does not run backwards with a clock that does', () => {
    const budget = new TryBudget(OPTIONS, 10_000)
    while (budget.take(10_000));
    expect([budget.take(0), budget.take(10_500), budget.take(11_000)]).toEqual([false, false, true])
  })

  it('never gives more than its part of the successes and its floor', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 5_000 }),
      successes: fc.integer({ min: 0, max: 20 }),
      wanted: fc.integer({ min: 0, max: 20 }),
    })
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), part, (steps, each) => {
        const budget = new TryBudget(OPTIONS, 0)
        let [now, successes, taken] = [0, 0, 0]
        for (const { waitMs, successes: more, wanted } of steps) {
          now += waitMs
          successes += more
          for (let success = 0; success < more; success++) budget.earned(each)
          for (let want = 0; want < wanted; want++) if (budget.take(now)) taken++
          const { least, perSecond } = OPTIONS
          expect(taken).toBeLessThanOrEqual(successes * each + least + (perSecond * now) / 1_000 + 1e-6)
        }
      }),
    )
  })
})

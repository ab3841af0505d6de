import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlidingWindow } from './sliding-window.ts'

/** Slots of 10 ms. */
const BUCKET = { key: 'k', algorithm: 'sliding-window', capacity: 100, perMs: 2_400, guardMs: 0 } as const
const calls = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 400 }),
    amount: fc.integer({ min: 1, max: 60 }),
    /** How late the provider counted it. */
    lag: fc.integer({ min: 0, max: 300 }),
  }),
  { minLength: 10, maxLength: 60 },
)

function counted(amount: number, at = 0): SlidingWindow {
  const meter = new SlidingWindow(BUCKET, 0)
  meter.count(at, amount)
  return meter
}

describe('a sliding window', () => {
  it('never lets more than its capacity be counted within any stretch of its length', () => {
    fc.assert(
      fc.property(calls, (list) => {
        const meter = new SlidingWindow(BUCKET, 0)
        const due: { at: number; amount: number }[] = []
        const log: { at: number; amount: number }[] = []
        let now = 0
        const countUntil = (until: number) => {
          for (const one of due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)) {
            due.splice(due.indexOf(one), 1)
            meter.drop(0, one.amount)
            meter.count(one.at, one.amount)
            log.push(one)
          }
        }
        for (const { after, amount, lag } of list) {
          now += after
          countUntil(now)
          if (!meter.fits(now, amount, 0)) continue
          meter.hold(now, amount)
          due.push({ at: now + lag, amount })
        }
        countUntil(Number.POSITIVE_INFINITY)
        for (const { at } of log) {
          const within = log.filter((one) => one.at > at - BUCKET.perMs && one.at <= at)
          expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('fits an amount after its wait, and not just before', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 100 }), (list, amount) => {
        const meter = new SlidingWindow(BUCKET, 0)
        let now = 0
        for (const call of list) meter.count((now += call.after), call.amount)
        fc.pre(!meter.fits(now, amount, 0))
        const wait = meter.waitMs(now, amount, 0)
        expect(wait).toBeGreaterThan(0)
        expect(meter.fits(now + wait - 0.01, amount, 0)).toBe(false)
        expect(meter.fits(now + wait + 0.01, amount, 0)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('holds what is pending, however old, until a window after it was counted', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.hold(0, 70)
    expect([meter.room(10_000), meter.waitMs(10_000, 50, 0)]).toEqual([30, 2_400])
    meter.drop(0, 70)
    meter.count(10_000, 70)
    expect([meter.room(12_390), meter.room(12_420)]).toEqual([30, 100])
  })

  it('lets go of a charge only when all of its slot has left the window, and the guard has passed', () => {
    const meter = new SlidingWindow({ ...BUCKET, guardMs: 100 }, 0)
    meter.count(5, 100)
    expect([meter.room(2_405), meter.room(2_505), meter.room(2_510)]).toEqual([0, 0, 100])
  })

  it('refunds into the slot that was charged, and nothing that has left the window', () => {
    const meter = counted(80)
    meter.correct(1_000, 0, 80, 30)
    expect([meter.room(1_000), meter.usedSince(1_000, 0), meter.usedSince(1_000, 500)]).toEqual([70, 30, 0])
    const old = counted(80)
    old.count(3_000, 100)
    old.correct(3_000, 0, 80, 0)
    expect(old.room(3_000)).toBe(0)
  })

  it('counts now what was used beyond the reservation', () => {
    const meter = counted(10)
    meter.correct(2_000, 0, 10, 60)
    expect([meter.room(2_000), meter.room(2_420), meter.room(4_420)]).toEqual([40, 50, 100])
  })

  it('believes a header that says less, beyond one part in a hundred, and none that says more', () => {
    const meter = counted(50)
    meter.observe(0, 90)
    meter.observe(0, 49.5)
    expect(meter.room(0)).toBe(50)
    meter.observe(0, 20)
    expect(meter.room(0)).toBe(20)
  })

  it('keeps what was used when its window or its capacity changes', () => {
    const meter = counted(50, 1_000)
    meter.resize(1_000, { ...BUCKET, capacity: 80 })
    expect(meter.room(1_000)).toBe(30)
    meter.resize(1_000, { ...BUCKET, capacity: 60, perMs: 24_000 })
    expect([meter.room(1_000), meter.room(24_900), meter.room(25_200)]).toEqual([10, 10, 60])
  })

  it('waits a whole window more for each capacity that is asked for beyond the first', () => {
    const meter = counted(100)
    expect(meter.waitMs(0, 250, 0) - meter.waitMs(0, 50, 0)).toBe(2 * 2_400)
  })
})

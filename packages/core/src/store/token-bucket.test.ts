import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

/** 100 tokens, one a millisecond. */
const BUCKET = { key: 'k', algorithm: 'token-bucket', capacity: 100, perMs: 100 } as const

/** The plainest reading of the rule, over a log of what was charged when. */
function levelOf(log: readonly { at: number; amount: number }[], now: number): number {
  let level = 100
  let before = 0
  for (const { at, amount } of [...log, { at: now, amount: 0 }]) {
    level = Math.min(100, level + at - before) - amount
    before = at
  }
  return level
}

function spent(amount: number, at = 0): TokenBucket {
  const meter = new TokenBucket(BUCKET, 0)
  meter.count(at, amount)
  return meter
}

describe('a token bucket', () => {
  it('refills as time goes by, up to its capacity', () => {
    const meter = spent(80)
    expect([meter.room(0), meter.room(30), meter.room(80), meter.room(1_000)]).toEqual([20, 50, 100, 100])
  })

  it('fits an amount after its wait, and not just before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 90 }),
        fc.nat(10),
        (used, amount, leave) => {
          const meter = spent(used)
          fc.pre(!meter.fits(0, amount, leave))
          const wait = meter.waitMs(0, amount, leave)
          expect(spent(used).fits(wait - 0.1, amount, leave)).toBe(false)
          expect(meter.fits(wait, amount, leave)).toBe(true)
        },
      ),
    )
  })

  it('refunds what a log without the refunded charge would hold', () => {
    const charge = fc.record({
      after: fc.integer({ min: 0, max: 60 }),
      amount: fc.integer({ min: 1, max: 90 }),
    })
    fc.assert(
      fc.property(
        fc.array(charge, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.nat(90),
        (charges, nth, used) => {
          const meter = new TokenBucket(BUCKET, 0)
          let now = 0
          const log = charges.map(({ after, amount }) => {
            // One at a time: of those at one moment any may have been the first.
            now += after + 1
            meter.count(now, amount)
            return { at: now, amount }
          })
          const corrected = log[nth % log.length]!
          const actual = Math.min(used, corrected.amount)
          meter.correct(now, corrected.at, corrected.amount, actual)
          const truth = levelOf(
            log.map((one) => (one === corrected ? { ...one, amount: actual } : one)),
            now,
          )
          expect(meter.room(now)).toBeCloseTo(truth, 6)
        },
      ),
    )
  })

  it('goes into debt for what was used beyond its reservation', () => {
    const meter = spent(50)
    meter.correct(0, 0, 50, 250)
    expect([meter.room(0), meter.waitMs(0, 1, 0)]).toEqual([-150, 151])
  })

  it('charges what was used beyond a reservation when it is known, of what it holds then', () => {
    const meter = spent(50)
    meter.correct(200, 0, 50, 80)
    expect(meter.room(200)).toBe(70)
  })

  it('refills nothing while it is full but for what is pending: then it is asked again a hundredth later', () => {
    const wait = (counted: number, held: number) => {
      const meter = new TokenBucket({ ...BUCKET, capacity: 1_000, perMs: 1_000 }, 0)
      meter.count(0, counted)
      meter.hold(0, held)
      return meter.waitMs(0, 10, 0)
    }
    expect([wait(0, 995), wait(0, 900), wait(4, 991), wait(5, 990), wait(995, 0)]).toEqual([10, 0, 10, 5, 5])
    expect(wait(0, 1_050)).toBe(60)
  })

  it('lowers its level when a charge is counted: what is pending neither ages nor is given twice', () => {
    const meter = new TokenBucket(BUCKET, 0)
    meter.hold(0, 60)
    expect([meter.room(0), meter.room(1_000)]).toEqual([40, 40])
    meter.drop(0, 60)
    meter.count(1_000, 60)
    expect([meter.room(1_000), meter.room(1_060)]).toEqual([40, 100])
  })

  it('believes a header that says less, and none that says more', () => {
    const meter = spent(20)
    meter.told(0, { remaining: 95, resetMs: undefined, ageMs: 0 })
    expect(meter.room(0)).toBe(80)
    // A hundredth of it less may be rounding.
    meter.told(0, { remaining: 79, resetMs: undefined, ageMs: 0 })
    expect(meter.room(0)).toBe(80)
    meter.told(0, { remaining: 10, resetMs: undefined, ageMs: 0 })
    expect(meter.room(0)).toBe(10)
  })

  it('is empty after a pause, and refills only from its end', () => {
    const meter = new TokenBucket(BUCKET, 0)
    meter.pause(0, 1_000, 0)
    expect([meter.fits(999, 1, 0), meter.fits(1_000, 1, 0), meter.fits(1_001, 1, 0)]).toEqual([
      false,
      false,
      true,
    ])
    expect([meter.waitMs(0, 50, 0), meter.waitMs(400, 50, 0)]).toEqual([1_050, 650])
  })

  it('pays off its debt until a pause, and after it', () => {
    const meter = spent(160)
    meter.pause(50, 100, 0)
    expect([meter.room(149), meter.room(150), meter.room(170)]).toEqual([-10, -10, 10])
  })

  it('keeps its debt when its capacity changes', () => {
    const meter = spent(160)
    meter.resize(0, { ...BUCKET, capacity: 200 })
    expect(meter.room(0)).toBe(40)
    meter.resize(0, { ...BUCKET, capacity: 50 })
    expect(meter.room(0)).toBe(-110)
  })

  it('refills at its old rate until its capacity changes, and at the new one since', () => {
    const meter = spent(80)
    meter.resize(50, { ...BUCKET, capacity: 200 })
    expect([meter.room(50), meter.room(60)]).toEqual([170, 190])
  })

  it('refunds nothing of what was charged before its capacity changed: it may have been full since', () => {
    const meter = spent(50)
    meter.resize(10, { ...BUCKET, capacity: 200 })
    meter.correct(10, 0, 50, 0)
    expect(meter.room(10)).toBe(160)
  })

  it('is full when its capacity becomes known', () => {
    const meter = new TokenBucket({ ...BUCKET, capacity: Number.POSITIVE_INFINITY }, 0)
    meter.count(0, 500)
    meter.resize(0, BUCKET)
    expect(meter.room(0)).toBe(100)
  })

  it('with a burst holds that much and refills its amount', () => {
    const meter = new TokenBucket({ ...BUCKET, capacity: 10, amount: 100 }, 0)
    meter.count(0, 10)
    expect([meter.room(5), meter.room(50)]).toEqual([5, 10])
  })

  it('is at rest only when it is full and not paused', () => {
    const meter = spent(1)
    expect([meter.atRest(0), meter.atRest(1)]).toEqual([false, true])
    meter.pause(1, 10, 0)
    expect(meter.atRest(5)).toBe(false)
  })
})

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

describe('several refunds of one token bucket', () => {
  it('mint nothing together: of 20 that the bucket could have held more, both give back 20', () => {
    const meter = new TokenBucket(BUCKET, 0)
    meter.count(0, 40)
    meter.count(1, 41)
    // Was filled up to 80 without a refund; without either charge it would have been full.
    meter.count(61, 80)
    meter.correct(61, 0, 40, 0)
    meter.correct(61, 1, 41, 0)
    expect(meter.room(61)).toBeCloseTo(20, 6)
  })

  it('gain nothing by an overrun: it is charged from when it is known, and was perhaps not there before', () => {
    const meter = new TokenBucket(BUCKET, 0)
    meter.count(0, 20)
    meter.count(0, 40)
    // Held 70 then, so that of a refund no more than 30 would have fitted.
    meter.count(30, 10)
    meter.correct(30, 0, 20, 50)
    meter.correct(30, 0, 40, 0)
    expect(meter.room(30)).toBe(60)
  })

  it('never leave more than a log without what they give back', () => {
    const charge = fc.record({ after: fc.nat(60), amount: fc.integer({ min: 1, max: 90 }), used: fc.nat(90) })
    fc.assert(
      fc.property(fc.array(charge, { minLength: 1, maxLength: 20 }), (charges) => {
        const meter = new TokenBucket(BUCKET, 0)
        let now = 0
        const log = charges.map(({ after, amount, used }) => {
          now += after + 1
          meter.count(now, amount)
          return { at: now, amount, used: Math.min(used, amount) }
        })
        for (const { at, amount, used } of log) meter.correct(now, at, amount, used)
        const truth = levelOf(
          log.map(({ at, used }) => ({ at, amount: used })),
          now,
        )
        expect(meter.room(now)).toBeLessThanOrEqual(truth + 1e-6)
      }),
    )
  })
})

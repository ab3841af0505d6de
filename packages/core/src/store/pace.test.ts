import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'
import { SlidingWindow } from './sliding-window.ts'

const BUCKET = { key: 'k', algorithm: 'sliding-window', capacity: 1_000, perMs: 1_000, guardMs: 0 } as const

describe('pacing after a rate limit', () => {
  it("lets in a fiftieth at once, and the rest at the limit's own rate", () => {
    const pace = Pace.of(BUCKET, 0, 5)
    expect(pace.room(0)).toBe(20)
    pace.take(20)
    expect([pace.room(0), pace.room(10), pace.room(500)]).toEqual([0, 10, 20])
  })

  it('lets the largest call in at once, be it larger than a fiftieth', () => {
    expect(Pace.of(BUCKET, 0, 300).room(0)).toBe(300)
  })

  it('fits after its wait, which begins when the pause has ended', () => {
    const pace = Pace.of(BUCKET, 100, 20)
    pace.take(20)
    expect(pace.waitMs(0, 15)).toBe(115)
    expect([pace.room(114) >= 15, pace.room(115) >= 15]).toEqual([false, true])
  })

  it('makes what is larger than anything before wait for its end', () => {
    const pace = Pace.of(BUCKET, 100, 20)
    expect([0, 60, 1_100, 1_200].map((now) => pace.waitMs(now, 21))).toEqual([1_100, 1_040, 0, 0])
  })

  it('fills at the rate of its limit, be that a quarter in a millisecond', () => {
    const pace = Pace.of({ ...BUCKET, capacity: 500, perMs: 2_000 }, 100, 5)
    expect([pace.room(0), pace.waitMs(40, 10), pace.waitMs(130, 10)]).toEqual([10, 60, 0])
    pace.take(10)
    expect([pace.waitMs(50, 4), pace.waitMs(138, 4), pace.room(142)]).toEqual([96, 8, 3])
  })

  it('does not wait for what sums of fractions leave', () => {
    const pace = Pace.of(BUCKET, 0, 5)
    pace.take(1e-9)
    expect(pace.waitMs(0, 20)).toBe(0)
  })

  it('lasts one window, from the end of the pause', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.pause(0, 200, 50)
    const fits = [199, 200, 1_199, 1_201].map((now) => [meter.fits(now, 50, 0), meter.fits(now, 51, 0)])
    expect(fits).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ])
  })

  it('paces what is held, not only what is counted', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.pause(0, 0, 50)
    meter.hold(0, 50)
    expect([meter.room(0), meter.room(30)]).toEqual([0, 30])
  })

  it('of a limit that is not known is none', () => {
    const meter = new SlidingWindow({ ...BUCKET, capacity: Number.POSITIVE_INFINITY }, 0)
    meter.pause(0, 100, 1)
    expect([meter.fits(99, 1, 0), meter.fits(100, 1e9, 0)]).toEqual([false, true])
  })
})

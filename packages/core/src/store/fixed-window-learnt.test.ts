import { describe, expect, it } from 'vitest'
import { FixedWindow } from './fixed-window.ts'

const MINUTE = 60_000
const BUCKET = { key: 'k', algorithm: 'fixed-window', capacity: 100, perMs: MINUTE } as const

/** Of a call that was sent just now. */
function header(remaining: number, resetMs?: number) {
  return { remaining, resetMs, ageMs: 0 }
}

/** One of a provider's, whose windows end 20 s after each whole minute. */
function learnt(used: number): FixedWindow {
  const meter = new FixedWindow(BUCKET, 0)
  meter.count(0, used)
  meter.told(10_000, header(100 - used, 10_000))
  return meter
}

describe("a fixed window of a provider's", () => {
  it('is counted as sliding until it is known when it begins', () => {
    const meter = new FixedWindow(BUCKET, 0)
    meter.count(30_000, 100)
    expect([meter.room(60_000), meter.room(89_000), meter.room(91_000)]).toEqual([0, 0, 100])
  })

  it('refunds, and believes headers, before that too', () => {
    const meter = new FixedWindow(BUCKET, 0)
    meter.count(0, 60)
    meter.correct(1_000, 0, 60, 20)
    expect(meter.room(1_000)).toBe(80)
    meter.told(1_000, header(30))
    expect(meter.room(1_000)).toBe(30)
  })

  it('is empty at the end that a header told of', () => {
    expect([learnt(60).room(19_000), learnt(60).room(20_600)]).toEqual([40, 100])
  })

  it('takes no reset for its end that is longer than it is, or over', () => {
    const meter = new FixedWindow(BUCKET, 0)
    meter.count(0, 60)
    for (const resetMs of [MINUTE + 1, 0, -1, Number.NaN]) meter.told(10_000, header(40, resetMs))
    // As a sliding one: 60 s after it was counted, and the guard.
    expect([20_600, 60_600, 60_800].map((now) => meter.room(now))).toEqual([40, 40, 100])
  })

  it('takes a reset of all its length for a window that has just begun', () => {
    const meter = new FixedWindow(BUCKET, 0)
    meter.count(0, 60)
    meter.told(10_000, header(100, MINUTE))
    expect(meter.room(11_000)).toBe(100)
  })

  it('is closed around the end: nobody knows on which side the provider counts', () => {
    const at = [19_400, 19_501, 20_001, 20_499, 20_501]
    expect(at.map((now) => learnt(0).fits(now, 1, 0))).toEqual([true, false, false, false, true])
    expect(learnt(0).waitMs(19_600, 1, 0)).toBe(900)
  })

  it('believes that it ends earlier, and that it ends later only little by little', () => {
    const earlier = learnt(60)
    earlier.told(11_000, header(40, 4_000))
    expect([earlier.room(14_000), earlier.room(15_600)]).toEqual([40, 100])
    const later = learnt(60)
    later.told(10_000, header(40, 20_000))
    // A hundredth of the 10 s later.
    expect([later.room(20_550), later.room(20_650)]).toEqual([0, 100])
  })

  it('tells earlier from later by what is nearer, many windows on', () => {
    const earlier = learnt(0)
    // Two windows later, at 135 s: 5 s before an end.
    earlier.told(130_000, header(100, 5_000))
    earlier.count(130_000, 50)
    expect([earlier.room(134_400), earlier.room(135_600)]).toEqual([50, 100])
    const later = new FixedWindow(BUCKET, 0)
    later.told(0, header(100, MINUTE))
    later.count(500, 50)
    // At 6 s: 6 s after an end, or 54 s before the next.
    later.told(1_000, header(100, 5_000))
    expect([later.room(10_000), later.room(60_550), later.room(60_570)]).toEqual([50, 0, 100])
  })

  it('forgets with its end what was used, although the next thing is a header', () => {
    const silent = learnt(60)
    silent.told(25_000, header(70))
    expect(silent.room(30_000)).toBe(70)
    const telling = learnt(60)
    telling.told(25_000, header(100, 55_000))
    expect(telling.room(30_000)).toBe(100)
  })

  it('takes over what was counted of its window while it was sliding', () => {
    const meter = new FixedWindow(BUCKET, 0)
    meter.count(0, 30)
    meter.count(50_000, 20)
    // It began 5 s ago.
    meter.told(50_000, header(100, 55_000))
    expect(meter.room(51_000)).toBe(80)
  })

  it('believes a header that says less, and none that says more', () => {
    const meter = learnt(60)
    meter.told(11_000, header(90, 9_000))
    expect(meter.room(12_000)).toBe(40)
    // A hundredth of it less may be rounding.
    meter.told(12_000, header(39, 8_000))
    expect(meter.room(12_000)).toBe(40)
    meter.told(12_000, header(5, 8_000))
    expect(meter.room(13_000)).toBe(5)
  })

  it('is not told by the last window what is left of this one, nor that somebody else uses it', () => {
    const meter = learnt(60)
    meter.hold(19_000, 1)
    // The answer to a call that was sent before the end at 20 s, and counted there or here: nobody knows.
    for (const ageMs of [1_000, 501]) meter.told(20_400 + ageMs, { remaining: 0, resetMs: undefined, ageMs })
    expect(meter.room(21_000)).toBe(99)
    meter.told(21_400, { remaining: 30, resetMs: undefined, ageMs: 900 })
    expect(meter.room(21_400)).toBe(29)
  })

  it('learns from a header of the last window when that one ends', () => {
    const meter = learnt(60)
    // Sent at 15 s, read at 21 s: it says that the window ended at 16 s, or ends at 76 s.
    meter.told(21_000, { remaining: 0, resetMs: 55_000, ageMs: 6_000 })
    meter.count(70_000, 40)
    expect([meter.room(75_000), meter.room(76_600)]).toEqual([60, 100])
  })

  it('keeps its windows when the limit is another size', () => {
    const meter = learnt(60)
    meter.resize(11_000, { ...BUCKET, capacity: 200 })
    expect([meter.room(19_000), meter.room(20_600)]).toEqual([140, 200])
    meter.count(20_600, 50)
    meter.resize(80_600, { ...BUCKET, capacity: 300 })
    expect(meter.room(81_000)).toBe(300)
  })

  it('keeps what was used, and the ends of its windows, when they are shorter', () => {
    const meter = learnt(0)
    meter.count(90_000, 60)
    meter.resize(90_000, { ...BUCKET, perMs: MINUTE / 2 })
    // One ended at 80 s, so the next ends at 110 s.
    expect([meter.room(105_000), meter.room(110_600)]).toEqual([40, 100])
  })
})

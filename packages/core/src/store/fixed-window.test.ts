import { describe, expect, it } from 'vitest'
import { FixedWindow } from './fixed-window.ts'

const MINUTE = 60_000
const BUCKET = { key: 'k', algorithm: 'fixed-window', capacity: 100, perMs: MINUTE } as const
/** Windows of our own begin at each whole minute. */
const OWN = { ...BUCKET, phaseMs: 0 } as const

describe('a fixed window of our own', () => {
  it('is whole again at its end, and not before', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(1_000, 100)
    expect([meter.room(59_999), meter.room(60_000)]).toEqual([0, 100])
  })

  it('has no guard: there is no second clock', () => {
    const meter = new FixedWindow(OWN, 0)
    expect([meter.fits(59_999, 100, 0), meter.fits(60_001, 100, 0)]).toEqual([true, true])
  })

  it('refunds into the window that was charged, and into no other', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(59_000, 80)
    meter.correct(59_500, 59_000, 80, 50)
    expect(meter.room(59_500)).toBe(50)
    meter.count(60_000, 100)
    meter.correct(60_000, 59_000, 50, 0)
    expect(meter.room(60_000)).toBe(0)
    meter.correct(60_000, 60_000, 100, 70)
    expect(meter.room(60_000)).toBe(30)
  })

  it('charges an overrun to the window in which it is known', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(59_000, 10)
    meter.correct(61_000, 59_000, 10, 60)
    expect(meter.room(61_000)).toBe(50)
  })

  it('lets go of what is kept for higher priorities as it runs out', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(0, 50)
    const fits = [0, 15_000, 30_000, 59_999].map((now) => meter.fits(now, 35, 30))
    expect(fits).toEqual([false, false, true, true])
    expect(new FixedWindow(OWN, 0).waitMs(0, 85, 30)).toBeCloseTo(30_000, 6)
  })

  it('carries nothing of a window that is over into one of another length', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(0, 80)
    meter.resize(61_000, { ...OWN, perMs: 2 * MINUTE })
    expect(meter.room(61_000)).toBe(100)
  })

  it('says how many windows a debt takes', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(0, 100)
    expect([meter.waitMs(0, 50, 0), meter.waitMs(0, 150, 0)]).toEqual([MINUTE + 500, 2 * MINUTE + 500])
  })

  it('is at rest when nothing of it is used', () => {
    const meter = new FixedWindow(OWN, 0)
    meter.count(0, 1)
    expect([meter.atRest(1_000), meter.atRest(60_000)]).toEqual([false, true])
  })

  it('is not at rest while anything is held, be its limit not known', () => {
    const meter = new FixedWindow({ ...OWN, capacity: Number.POSITIVE_INFINITY }, 0)
    expect(meter.atRest(0)).toBe(true)
    meter.hold(0, 1)
    expect(meter.atRest(0)).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { FixedWindow } from './fixed-window.ts'
import { SlidingWindow } from './sliding-window.ts'

const MINUTE = 60_000
const BUCKET = { key: 'k', algorithm: 'fixed-window', capacity: 1_000, perMs: MINUTE } as const
/** Windows of our own begin at each whole minute. */
const OWN = { ...BUCKET, phaseMs: 0, guardMs: 0 } as const

function used(amount: number, at = 0): FixedWindow {
  const meter = new FixedWindow(OWN, at)
  meter.count(at, amount)
  return meter
}

/** One of a provider's, whose windows end 20 s after each whole minute. */
function learnt(): FixedWindow {
  const meter = new FixedWindow(BUCKET, 0)
  meter.told(10_000, { remaining: 1_000, resetMs: 10_000, ageMs: 0 })
  return meter
}

describe('the wait for a fixed window', () => {
  it('lasts to its end', () => {
    expect([used(1_000).waitMs(10_000, 1, 0), used(0).waitMs(10_000, 1_000, 0)]).toEqual([50_000, 0])
  })

  it('of more than it holds counts what is left of it now', () => {
    expect([1_600, 1_601].map((amount) => used(400).waitMs(0, amount, 0))).toEqual([MINUTE, 2 * MINUTE])
    expect(used(1_400).waitMs(0, 1_000, 0)).toBe(MINUTE)
  })

  it('lasts until less of it is kept for higher priorities, in whichever window it is', () => {
    const fits = (now: number) => used(500, MINUTE).fits(MINUTE + now, 450, 200)
    expect([fits(44_900), fits(45_100)]).toEqual([false, true])
    expect(used(500, MINUTE).waitMs(MINUTE + 30_000, 450, 200)).toBeCloseTo(15_000, 6)
    expect(used(500, MINUTE).waitMs(MINUTE + 30_000, 350, 200)).toBe(0)
  })

  it('of all that is left of it, while any is kept, lasts to its end and not beyond the guard', () => {
    const meter = learnt()
    meter.count(20_600, 500)
    expect(meter.waitMs(30_000, 500, 200)).toBe(50_000)
  })

  it('of more than is left of it lasts beyond the guard, however little more it is', () => {
    const meter = learnt()
    meter.count(20_600, 950)
    expect(meter.waitMs(30_000, 51, 300)).toBe(50_500)
  })

  it('lasts until the provider surely counts in the new window', () => {
    expect([19_600, 20_100, 20_600].map((now) => learnt().waitMs(now, 1_000, 0))).toEqual([900, 400, 0])
    expect([19_500, 20_500].map((now) => learnt().fits(now, 1_000, 0))).toEqual([true, true])
  })

  it('is that of a sliding one until it is known when it begins, with what is held and in doubt', () => {
    const [fixed, sliding] = [new FixedWindow(BUCKET, 0), new SlidingWindow(BUCKET, 0)]
    for (const meter of [fixed, sliding]) {
      meter.count(0, 400)
      meter.hold(0, 300)
      meter.doubt = 200
    }
    const waits = [100, 101, 350].map((amount) => [fixed, sliding].map((one) => one.waitMs(1_000, amount, 0)))
    expect(waits).toEqual([
      [0, 0],
      [59_750, 59_750],
      [59_750, 59_750],
    ])
  })
})

it('what is kept for higher priorities is kept anew when a window begins', () => {
  expect([used(0).fits(59_000, 800, 300), used(0).fits(MINUTE, 800, 300)]).toEqual([true, false])
})

it('what is kept is kept in full until it is known when the window begins', () => {
  const meter = new FixedWindow(BUCKET, 0)
  expect([meter.fits(0, 700, 300), meter.fits(0, 701, 300)]).toEqual([true, false])
})

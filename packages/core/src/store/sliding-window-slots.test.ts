import { describe, expect, it } from 'vitest'
import { SlidingWindow } from './sliding-window.ts'

/** Slots of 10 ms, of which 241 are kept. */
const BUCKET = { key: 'k', algorithm: 'sliding-window', capacity: 100, perMs: 2_400, guardMs: 0 } as const

function counted(amount: number, at = 0): SlidingWindow {
  const meter = new SlidingWindow(BUCKET, 0)
  meter.count(at, amount)
  return meter
}

describe('the slots of a sliding window', () => {
  it('begin when it does', () => {
    const meter = new SlidingWindow(BUCKET, 5_000)
    meter.count(5_000, 100)
    expect([meter.room(7_409), meter.room(7_410)]).toEqual([0, 100])
  })

  it('are counted in within a stretch, each once, however long that is', () => {
    expect([300, 500, 510, -1e6].map((since) => counted(80, 500).usedSince(1_000, since))).toEqual([
      80, 80, 0, 80,
    ])
    expect(counted(80).usedSince(5_000, 0)).toBe(0)
    expect(counted(80, 3_000).usedSince(3_000, -1e6)).toBe(80)
  })

  it('are refunded where they were charged', () => {
    const meter = counted(80, 500)
    meter.correct(1_000, 500, 80, 30)
    expect([1_000, 2_909, 2_910].map((now) => meter.room(now))).toEqual([70, 70, 100])
  })

  it('are refunded up to the last moment they are kept, and not after', () => {
    const last = counted(80)
    last.correct(2_409, 0, 80, 0)
    expect(last.room(2_409)).toBe(100)
    const gone = counted(80)
    gone.count(2_410, 100)
    gone.correct(2_410, 0, 80, 0)
    expect(gone.room(2_410)).toBe(0)
  })

  it('let go of what has left before a header is compared with them', () => {
    const meter = counted(100)
    meter.observe(2_500, 60)
    expect(meter.room(2_500)).toBe(60)
  })

  it('take no hundredth for a difference: it may be rounding', () => {
    const meter = counted(50)
    meter.observe(0, 49)
    expect(meter.room(0)).toBe(50)
  })

  it('stay where they are when only the capacity changes', () => {
    const meter = counted(50)
    meter.resize(1_000, { ...BUCKET, capacity: 80 })
    expect([meter.room(2_409), meter.room(2_410)]).toEqual([30, 80])
  })

  it('of a window that becomes longer hold what was used for all of it and its guard', () => {
    const meter = counted(50)
    meter.resize(1_000, { ...BUCKET, perMs: 4_800, guardMs: 100 })
    // Now slots of 20 ms, of which 246 are kept: counted anew in that which begins at 1,000.
    expect([meter.room(5_919), meter.room(5_920)]).toEqual([50, 100])
  })

  it('are moved by no look back', () => {
    const meter = counted(50, 1_000)
    expect([meter.room(500), meter.room(1_000)]).toEqual([50, 50])
  })

  it('are at rest when they have all left', () => {
    const meter = counted(10)
    expect([0, 2_409, 2_410].map((now) => meter.atRest(now))).toEqual([false, false, true])
    meter.hold(2_410, 1)
    expect(meter.atRest(2_410)).toBe(false)
  })
})

describe('the wait for a sliding window', () => {
  it('is none for what fits just so', () => {
    expect([counted(50).waitMs(0, 50, 0), counted(50).waitMs(0, 30, 20)]).toEqual([0, 0])
  })

  it('is also for what must stay behind', () => {
    expect(counted(50).waitMs(0, 40, 20)).toBe(2_410)
    // One window for the hundred, and until five of the others have left.
    expect(counted(95).waitMs(0, 90, 20)).toBe(2_400 + 2_410)
  })
})

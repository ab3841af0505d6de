import { describe, expect, it } from 'vitest'
import { SlidingWindow } from './sliding-window.ts'
import { guardOf } from './window-meter.ts'

const BUCKET = { key: 'k', algorithm: 'sliding-window', capacity: 1_000, perMs: 1_000, guardMs: 0 } as const
const UNKNOWN = { ...BUCKET, capacity: Number.POSITIVE_INFINITY } as const

describe('a window after a rate limit', () => {
  it('has all of its room again when the pacing is over', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.pause(0, 200, 50)
    expect([meter.room(1_199), meter.room(1_200)]).toEqual([50, 1_000])
  })

  it('is at rest only when the pacing is over too', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.pause(0, 200, 50)
    expect([199, 200, 1_199, 1_200].map((now) => meter.atRest(now))).toEqual([false, false, false, true])
  })

  it('of unknown size is at rest when the pause is over', () => {
    const meter = new SlidingWindow(UNKNOWN, 0)
    meter.pause(0, 200, 50)
    expect([meter.atRest(199), meter.atRest(200)]).toEqual([false, true])
  })
})

it('the guard is a hundredth of the window, half a second at most, or as it is told', () => {
  const guards = [{ perMs: 1_000 }, { perMs: 50_000 }, { perMs: 60_000 }, { perMs: 1_000, guardMs: 700 }]
  const windows = guards.map((rest) =>
    guardOf({ key: 'k', algorithm: 'sliding-window', capacity: 1, ...rest }),
  )
  expect(windows).toEqual([10, 500, 500, 700])
})

import { describe, expect, it } from 'vitest'
import { DAILY, MINUTE, SLOTS, TOKENS } from './kept.fixture.ts'
import { Quota } from './quota.ts'
import { SlidingWindow } from './sliding-window.ts'
import { Slots } from './slots.ts'

/** How long somebody else is held to use a limit that they were seen in. */
const SHARED_MS = 10 * MINUTE

describe('a meter', () => {
  const seen = (now: number): SlidingWindow => {
    const meter = new SlidingWindow(TOKENS, now)
    meter.told(now, { remaining: 500, resetMs: undefined, ageMs: 0 })
    return meter
  }

  it('is as a new one when nobody else is known to use it any more', () => {
    const meter = seen(0)
    expect([SHARED_MS - 1, SHARED_MS].map((now) => [meter.atRest(now), meter.asNew(now)])).toEqual([
      [true, false],
      [true, true],
    ])
  })

  it('remembers for as long who else uses it where the clock was set back', () => {
    const backMs = 1_000_000
    const restored = new SlidingWindow(TOKENS, 0)
    restored.restore(seen(backMs).save(), { now: 0, backMs })
    expect([restored.asNew(SHARED_MS - 1), restored.asNew(SHARED_MS)]).toEqual([false, true])
  })

  it('keeps what was free only where a header may tell of it: not of budgets, nor of slots', () => {
    const saved = [new SlidingWindow(TOKENS, 0), new Quota(DAILY, 0), new Slots(SLOTS)].map((meter) => {
      meter.hold(0, 1)
      return meter.save().lows?.length
    })
    expect(saved).toEqual([1, undefined, undefined])
  })
})

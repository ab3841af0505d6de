import { createPeaks } from './peaks.ts'
import { type Meter, TOLERANCE } from './meter.ts'

/** Starts full, refills without steps at `amount / perMs`, holds at most `burst`. */
export function createTokenBucket(amount: number, perMs: number, burst: number, start: number): Meter {
  const rate = amount / perMs
  const peaks = createPeaks()
  let level = burst
  let at = start

  function refill(now: number): void {
    if (now <= at) return
    level = Math.min(burst, level + (now - at) * rate)
    at = now
  }

  return {
    capacity: burst,
    used(now) {
      refill(now)
      return burst - level
    },
    take(now, amountTaken) {
      refill(now)
      peaks.add(now, level)
      level -= amountTaken
    },
    giveBack(now, amountBack, takenAt) {
      refill(now)
      // A refund is worth only what the bucket could have held all along: whatever would have overflowed since
      // the charge is gone. Giving it all back would mint tokens that no refill ever brought.
      const highest = peaks.highestAfter(takenAt)
      const back = Math.max(0, Math.min(amountBack, burst - Math.max(level, highest)))
      peaks.raise(takenAt, Math.max(0, Math.min(amountBack, burst - highest)))
      level += back
      return back
    },
    waitMs(now, wanted) {
      if (wanted > burst + TOLERANCE) return Infinity
      refill(now)
      return wanted <= level + TOLERANCE ? 0 : (wanted - level) / rate
    },
    fullResetMs(now) {
      refill(now)
      return (burst - level) / rate
    },
  }
}

import { type Meter, TOLERANCE } from './meter.ts'

/** Counts to `amount`, then starts again from 0 every `perMs`, at `phaseMs` past each multiple of `perMs`. */
export function createFixedWindow(amount: number, perMs: number, phaseMs: number): Meter {
  let index = -Infinity
  let used = 0

  function windowAt(time: number): number {
    return Math.floor((time - phaseMs) / perMs)
  }

  function roll(now: number): void {
    const current = windowAt(now)
    if (current === index) return
    index = current
    used = 0
  }

  function untilBoundary(now: number): number {
    return (index + 1) * perMs + phaseMs - now
  }

  return {
    capacity: amount,
    used(now) {
      roll(now)
      return used
    },
    take(now, taken) {
      roll(now)
      used += taken
    },
    giveBack(now, back, takenAt) {
      roll(now)
      if (windowAt(takenAt) !== index) return 0
      const given = Math.min(back, used)
      used -= given
      return given
    },
    waitMs(now, wanted) {
      if (wanted > amount + TOLERANCE) return Infinity
      roll(now)
      if (used + wanted <= amount + TOLERANCE) return 0
      return untilBoundary(now)
    },
    fullResetMs(now) {
      roll(now)
      return used === 0 ? 0 : untilBoundary(now)
    },
  }
}

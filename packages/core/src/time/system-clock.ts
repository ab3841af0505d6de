import type { Cancel, Clock } from './clock.ts'

/** `setTimeout` reads a longer delay as 1 ms (the delay is a signed 32-bit integer). */
const LONGEST_TIMEOUT_MS = 2_147_483_647
/** It never changes, and takes longer to read than the time does. */
const ORIGIN = performance.timeOrigin

/**
 * The machine's own time. Monotonic: it starts at the Unix time and then counts on, so that an adjustment
 * of the wall clock never hands out a window twice or freezes a queue.
 */
export const systemClock: Clock = {
  now: () => ORIGIN + performance.now(),
  random: Math.random,
  timer(ms, fn, background = false) {
    // Rounded up: a timer cut to whole milliseconds would wake just before the room is there.
    const wholeMs = Math.max(0, Math.ceil(ms))
    if (wholeMs > LONGEST_TIMEOUT_MS) return longTimer(wholeMs, fn, background)
    const handle = setTimeout(fn, wholeMs)
    if (background) handle.unref()
    return () => clearTimeout(handle)
  },
}

/** In several stretches. */
function longTimer(ms: number, fn: () => void, background: boolean): Cancel {
  const rest = (): void => {
    cancel = systemClock.timer(ms - LONGEST_TIMEOUT_MS, fn, background)
  }
  let cancel = systemClock.timer(LONGEST_TIMEOUT_MS, rest, background)
  return () => cancel()
}

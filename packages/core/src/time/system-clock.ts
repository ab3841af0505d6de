import type { Clock } from './clock.ts'

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
    let handle: NodeJS.Timeout
    const set = (leftMs: number): void => {
      const next = leftMs > LONGEST_TIMEOUT_MS ? () => set(leftMs - LONGEST_TIMEOUT_MS) : fn
      handle = setTimeout(next, Math.min(leftMs, LONGEST_TIMEOUT_MS))
      if (background) handle.unref()
    }
    // Rounded up: a timer cut to whole milliseconds would wake just before the room is there.
    set(Math.max(0, Math.ceil(ms)))
    return () => clearTimeout(handle)
  },
}

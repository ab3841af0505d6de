import type { Cancel, Clock } from './clock.ts'
import { IndexedHeap } from './heap.ts'
import { seededRandom } from './random.ts'

interface Timer {
  heapIndex: number
  at: number
  order: number
  fn: () => void
}

export interface VirtualClock extends Clock {
  /** Runs every timer due within the next `ms`, in order, and moves time there. */
  advance(ms: number): Promise<void>
  /**
   * As `advance`, but lets no promise run in between: for code that is synchronous throughout. Throws after `limit`
   * timers (a loop).
   */
  advanceSync(ms: number, limit?: number): void
  /** Runs timers, however far off, until none is left. Throws after `limit` of them (a loop). */
  runAll(limit?: number): Promise<void>
  runAllSync(limit?: number): void
  /** Moves the reading without running a timer, back as well as forth: what an adjusted wall clock does. */
  step(ms: number): void
  /** Timers set and neither run nor cancelled, those in the background included. */
  readonly pending: number
}

/** A clock that stands still until it is told to move: for tests and simulations. */
export function virtualClock({ start = 0, seed = 1 }: { start?: number; seed?: number } = {}): VirtualClock {
  const timers = new IndexedHeap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order))
  let elapsed = start
  let stepped = 0
  let order = 0

  function timer(ms: number, fn: () => void): Cancel {
    const entry: Timer = { heapIndex: -1, at: elapsed + Math.max(0, ms), order: order++, fn }
    timers.push(entry)
    return () => timers.remove(entry)
  }

  function runNext(until: number): boolean {
    const next = timers.top
    if (next === undefined || next.at > until) return false
    timers.pop()
    elapsed = Math.max(elapsed, next.at)
    next.fn()
    return true
  }

  return {
    now: () => elapsed + stepped,
    random: seededRandom(seed),
    timer,
    get pending() {
      return timers.size
    },
    step(ms) {
      stepped += ms
    },
    advanceSync(ms, limit = 10_000_000) {
      const until = elapsed + ms
      for (let ran = 0; runNext(until); ran++) if (ran >= limit) throw tooMany(limit)
      elapsed = until
    },
    async advance(ms) {
      const until = elapsed + ms
      await settled()
      while (runNext(until)) await settled()
      elapsed = until
    },
    runAllSync(limit = 1_000_000) {
      for (let ran = 0; runNext(Number.POSITIVE_INFINITY); ran++) if (ran >= limit) throw tooMany(limit)
    },
    async runAll(limit = 100_000) {
      await settled()
      for (let ran = 0; runNext(Number.POSITIVE_INFINITY); ran++) {
        if (ran >= limit) throw tooMany(limit)
        await settled()
      }
    },
  }
}

/** Lets every promise that is ready run, chains of them included. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function tooMany(limit: number): Error {
  return new Error(`VirtualClock: still not idle after ${limit} timers: does a timer set itself again?`)
}

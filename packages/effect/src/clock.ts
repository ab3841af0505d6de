import type { Clock as CoreClock } from '@plimsoll/core'
import { Clock, Context, Duration, Effect, Fiber, Random, Scheduler } from 'effect'

export interface BridgedClock extends CoreClock {
  /** From now on time and chance are those of this context. */
  follow(context: Context.Context<never>): void
  /** Every timer is cancelled, and none is set any more. */
  close(): void
}

/**
 * The core's clock over Effect's `Clock` and `Random`. A queue is shared, so its time is one; yet a `TestClock` may be
 * given to a call alone: the one of the latest call counts.
 */
export function bridgedClock(first: Context.Context<never>): BridgedClock {
  let parts = partsOf(first)
  let read = timeOf(parts.clock)
  let isClosed = false
  const timers = new Set<Fiber.Fiber<void>>()
  return {
    follow(latest) {
      const { clock } = parts
      parts = partsOf(latest)
      if (parts.clock !== clock) read = timeOf(parts.clock)
    },
    now: () => read(),
    random: () => parts.random.nextDoubleUnsafe(),
    timer(ms, fn) {
      if (isClosed) return () => {}
      const ring = Effect.sync(() => {
        timers.delete(fiber)
        fn()
      })
      const slept = Effect.andThen(parts.clock.sleep(Duration.millis(ms)), ring)
      const fiber: Fiber.Fiber<void> = Effect.runForkWith(parts.context)(slept)
      timers.add(fiber)
      return () => {
        timers.delete(fiber)
        fiber.interruptUnsafe()
      }
    },
    close() {
      isClosed = true
      for (const fiber of timers) fiber.interruptUnsafe()
      timers.clear()
    },
  }
}

/** What time takes of a context, and no more: the rest belongs to a call, which may be long over when a timer rings. */
function partsOf(context: Context.Context<never>) {
  const clock = Context.get(context, Clock.Clock)
  // A `TestClock` waits for the fibers of its own scheduler.
  const scheduler = Context.make(Scheduler.Scheduler, Context.get(context, Scheduler.Scheduler))
  return {
    clock,
    random: Context.get(context, Random.Random),
    context: Context.add(scheduler, Clock.Clock, clock),
  }
}

const NANOS_PER_MS = 1e6

/**
 * Unix time to begin with, and from then on what really passes: an adjustment of the wall clock neither hands out a window
 * twice nor freezes a queue.
 */
function timeOf(clock: Clock.Clock): () => number {
  const wall = clock.currentTimeMillisUnsafe()
  const origin = clock.monotonicTimeNanosUnsafe()
  return () => wall + Number(clock.monotonicTimeNanosUnsafe() - origin) / NANOS_PER_MS
}

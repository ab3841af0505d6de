import type { Clock as CoreClock } from '@plimsoll/core'
import { Clock, Context, Duration, Effect, Fiber, Random } from 'effect'

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
  let context = first
  let clock = Context.get(context, Clock.Clock)
  let isClosed = false
  const timers = new Set<Fiber.Fiber<void>>()
  return {
    follow(latest) {
      context = latest
      clock = Context.get(latest, Clock.Clock)
    },
    now: () => clock.currentTimeMillisUnsafe(),
    random: () => Context.get(context, Random.Random).nextDoubleUnsafe(),
    timer(ms, fn) {
      if (isClosed) return () => {}
      const ring = Effect.sync(() => {
        timers.delete(fiber)
        fn()
      })
      const fiber: Fiber.Fiber<void> = Effect.runForkWith(context)(
        Effect.andThen(clock.sleep(Duration.millis(ms)), ring),
      )
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

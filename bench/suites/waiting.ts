import type { Asking } from '../../packages/core/src/budget/asking.ts'
import type { Waiter } from '../../packages/core/src/budget/waiter.ts'
import { seededRandom } from '../../packages/core/src/time/random.ts'
import type { Pool } from '../../packages/core/src/budget/pool.ts'
import type { VirtualClock } from '../../packages/core/src/time/virtual-clock.ts'
import { virtualClock } from '../../packages/core/src/time/virtual-clock.ts'
import { core } from '../../packages/core/test/support/core.ts'

const TENANTS = 100
const PRIORITIES = ['high', 'medium', 'medium', 'low'] as const
const TOKENS = 1_000
const OUTPUT = 100
/** So long that nobody is refused for it, and finite, so that each has a place among the deadlines. */
const DEADLINE_MS = 1e12

export interface Crowd {
  readonly clock: VirtualClock
  readonly pool: Pool
  readonly random: () => number
  enter(): Waiter
  /** Until not even the highest priority has any room: whoever enters then has to wait. */
  exhaust(): void
  /** All that was reserved was used: nothing comes free, and nobody is let in by it. */
  settle(waiter: Waiter): void
}

/** A pool behind limits of requests and tokens, with a crowd before it: a hundred tenants of three priorities. */
export function crowd(requestsPerMinute: number): Crowd {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    queue: { maxWaiting: 2_000_000, maxWaitMs: DEADLINE_MS },
    targets: {
      'openai/model': {
        limits: [
          { unit: 'requests', amount: requestsPerMinute, perMs: 60_000, algorithm: 'token-bucket' },
          { unit: 'tokens', amount: requestsPerMinute * TOKENS, perMs: 60_000, algorithm: 'token-bucket' },
        ],
      },
    },
  })
  const model = target('openai/model')
  const random = seededRandom(1)
  // Shared, as it is the caller's own: what is counted is what the queue adds for each.
  const asked: Asking[] = Array.from({ length: TENANTS * PRIORITIES.length }, (_, index) =>
    asking(model, {
      input: TOKENS * (0.5 + random()) - OUTPUT,
      output: OUTPUT,
      tenant: `tenant-${index % TENANTS}`,
      priority: PRIORITIES[Math.floor(index / TENANTS)]!,
    }),
  )
  const enter = (among = asked.length): Waiter => admission.reserve(asked[Math.floor(random() * among)]!)

  return {
    clock,
    pool: model.pool,
    random,
    enter: () => enter(),
    exhaust() {
      for (let waiter = enter(TENANTS); ; waiter = enter(TENANTS)) {
        if (waiter.state !== 'granted') return waiter.cancel()
        settle(waiter)
      }
    },
    settle,
  }
}

function settle({ reservation, ask }: Waiter): void {
  reservation!.settle({ inputTokens: ask.purpose.estimate.inputTokens, outputTokens: OUTPUT }, 'exact')
}

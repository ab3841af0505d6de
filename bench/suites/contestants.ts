import Bottleneck from 'bottleneck'
import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import { Effect } from 'effect'
import { RateLimiter } from 'effect/persistence'
import PQueue from 'p-queue'
import { RateLimiterMemory, RateLimiterUnion } from 'rate-limiter-flexible'
import { inTurn } from '../measure.ts'
import type { Case } from '../measure.ts'
import { PLENTY } from './limits.ts'

const MINUTE_S = 60
const CONCURRENCY = 8
const KEY = 'acme'
/** Counted in whole numbers there, so less than ours; still more than a run takes. */
const MUCH = 1_000_000_000

/** What a call of ours is held against. */
export const FOUR_POLICIES = 'cockatiel, retry, breaker, timeout, bulkhead'

const job = async (): Promise<void> => {}

/** What others do to let one job in and run it, each as its documentation has it. */
export function contestants(): Case[] {
  return [...rateLimiters(), ...queues(), ...policies(), effect()]
}

function windowOf(keyPrefix: string, duration: number): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix, points: MUCH, duration })
}

function rateLimiters(): Case[] {
  const one = windowOf('one', MINUTE_S)
  const union = new RateLimiterUnion(windowOf('a', MINUTE_S), windowOf('b', 60 * MINUTE_S), windowOf('c', 1))
  return [
    inTurn('rate-limiter-flexible, 1 window', async () => {
      await one.consume(KEY)
      await job()
    }),
    inTurn('rate-limiter-flexible, union of 3', async () => {
      await union.consume(KEY)
      await job()
    }),
  ]
}

function queues(): Case[] {
  const slots = new PQueue({ concurrency: CONCURRENCY })
  const paced = new PQueue({ concurrency: CONCURRENCY, intervalCap: MUCH, interval: 60_000 })
  const bottleneck = new Bottleneck({ maxConcurrent: CONCURRENCY })
  return [
    inTurn('p-queue, concurrency', () => slots.add(job)),
    inTurn('p-queue, concurrency and interval', () => paced.add(job)),
    inTurn('bottleneck, concurrency', () => bottleneck.schedule(job)),
  ]
}

function policies(): Case[] {
  const slots = bulkhead(CONCURRENCY)
  const all = wrap(
    retry(handleAll, { maxAttempts: 3 }),
    circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
    timeout(60_000, TimeoutStrategy.Cooperative),
    bulkhead(CONCURRENCY),
  )
  return [
    inTurn('cockatiel, bulkhead', () => slots.execute(job)),
    inTurn(FOUR_POLICIES, () => all.execute(job)),
  ]
}

/** All in one fiber, so that what is timed is the limiter and not how fibers start. */
function effect(): Case {
  return {
    name: 'Effect RateLimiter, in a fiber',
    async run(times) {
      const program = Effect.gen(function* () {
        const limiter = yield* RateLimiter.make
        for (let time = 0; time < times; time++) {
          yield* limiter.consume({ key: KEY, limit: PLENTY, window: '1 minute', algorithm: 'fixed-window' })
          yield* Effect.void
        }
      })
      await Effect.runPromise(program.pipe(Effect.provide(RateLimiter.layerStoreMemory)))
    },
  }
}

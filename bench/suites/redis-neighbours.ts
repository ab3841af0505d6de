import Bottleneck from 'bottleneck'
import type { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterUnion } from 'rate-limiter-flexible'

const KEY = 'acme'
const job = async (): Promise<void> => {}
/** Counted in whole numbers there. */
const MUCH = 1_000_000_000

export interface Neighbour {
  readonly name: string
  once(): Promise<unknown>
}

/** What others do to let one job in through the same Redis, each as its documentation has it. */
export function redisNeighbours(client: Redis): Neighbour[] {
  const windows = [1, 60, 3_600, 86_400].map(
    (duration) =>
      new RateLimiterRedis({ storeClient: client, keyPrefix: `${duration}`, points: MUCH, duration }),
  )
  const [, minute] = windows
  const union = new RateLimiterUnion(...windows)
  return [
    { name: 'rate-limiter-flexible, 1 window', once: () => minute!.consume(KEY) },
    {
      name: 'rate-limiter-flexible, 4 windows in turn',
      async once() {
        // oxlint-disable-next-line no-await-in-loop -- the next is asked when the one before has let it in
        for (const window of windows) await window.consume(KEY)
      },
    },
    { name: 'rate-limiter-flexible, union of 4', once: () => union.consume(KEY) },
  ]
}

/** A job that does nothing, let in and reported as done. */
export function clusteredBottleneck(
  client: Redis,
  maxConcurrent: number,
): Neighbour & { close(): Promise<void> } {
  const connection = new Bottleneck.IORedisConnection({ client })
  const limiter = new Bottleneck({ id: 'bench', datastore: 'ioredis', connection, maxConcurrent })
  return {
    name: 'bottleneck, clustered',
    once: () => limiter.schedule(job),
    // Of its two clients one is its own.
    close: () => connection.disconnect(false),
  }
}

import type { Store, StoreFallback } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { LocalShare } from './local-share.ts'
import { portOf } from './port.ts'
import type { IoredisClient, NodeRedisClient, RedisPort } from './port.ts'
import { RedisScript } from './redis-script.ts'
import { SharedStore } from './shared-store.ts'

export interface RedisStoreOptions {
  /**
   * A connected client of node-redis (`redis` 6) or ioredis, or a `RedisPort` of your own. It stays yours to close; a second
   * connection, a duplicate of it, listens for what others give back.
   */
  readonly client: NodeRedisClient | IoredisClient | RedisPort
  /** Whoever shares limits shares this. All of its keys lie on one shard. @defaultValue 'default' */
  readonly namespace?: string
  /**
   * What becomes of calls while Redis cannot be reached. `closed` lets none in. `open` lets all in: no limit holds. `local`
   * lets each process use its `localShare` of every limit.
   * @defaultValue 'closed'
   */
  readonly onStoreError?: StoreFallback
  /** The part of every limit that this process may use by itself, 0 to 1; of slots at least one. @defaultValue 0.1 */
  readonly localShare?: number
  /**
   * Takes slices of limits that are asked for again and again, and admits from them without a trip. Never more than the
   * limit is let in. @defaultValue every call asks Redis
   */
  readonly lease?: LeaseOptions
  /**
   * An operation that takes longer, in ms, has failed. A turn of the event loop counts for a quarter of it at most, however
   * long it takes: what it kept waiting may have been answered. @defaultValue 1_000
   */
  readonly timeoutMs?: number
}

export interface LeaseOptions {
  /** The part of a limit that may lie in this process unused, 0 to 1. @defaultValue 0.1 */
  readonly share?: number
  /** What is not used within this goes back, in ms. @defaultValue 250 */
  readonly ttlMs?: number
}

/**
 * Limits and budgets that many processes hold together, in Redis 7 or later, or Valkey.
 *
 * @throws {TypeError} for a client that is none, a `localShare` or `lease.share` that is no part, or a `timeoutMs` or `lease.ttlMs` that is
 * not above 0
 */
export function redisStore({
  client,
  namespace = 'default',
  onStoreError = 'closed',
  localShare = 0.1,
  timeoutMs = 1_000,
  lease,
}: RedisStoreOptions): Store {
  const { share = 0.1, ttlMs = 250 } = lease ?? {}
  checkPart('localShare', localShare)
  checkPart('lease.share', share)
  checkTime('timeoutMs', timeoutMs)
  checkTime('lease.ttlMs', ttlMs)
  return new SharedStore({
    script: new RedisScript({ port: portOf(client), namespace }),
    clock: systemClock,
    timeoutMs,
    fallback: onStoreError,
    local: onStoreError === 'local' ? new LocalShare(localShare) : undefined,
    lease: lease === undefined ? undefined : { share, ttlMs },
  })
}

function checkPart(name: string, part: number): void {
  if (!(part > 0 && part <= 1)) throw new TypeError(`\`${name}\` is to be above 0 and at most 1.`)
}

function checkTime(name: string, ms: number): void {
  if (!(ms > 0)) throw new TypeError(`\`${name}\` is to be above 0.`)
}

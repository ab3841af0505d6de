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
  /** An operation that takes longer, in ms, has failed. @defaultValue 1_000 */
  readonly timeoutMs?: number
}

/**
 * Limits and budgets that many processes hold together, in Redis 7 or later, or Valkey.
 *
 * @throws {TypeError} for a client that is none, a `localShare` that is no part, or a `timeoutMs` that is not above 0
 */
export function redisStore({
  client,
  namespace = 'default',
  onStoreError = 'closed',
  localShare = 0.1,
  timeoutMs = 1_000,
}: RedisStoreOptions): Store {
  if (!(localShare > 0 && localShare <= 1))
    throw new TypeError('`localShare` is to be above 0 and at most 1.')
  if (!(timeoutMs > 0)) throw new TypeError('`timeoutMs` is to be above 0.')
  return new SharedStore({
    script: new RedisScript({ port: portOf(client), namespace }),
    clock: systemClock,
    timeoutMs,
    fallback: onStoreError,
    local: onStoreError === 'local' ? new LocalShare(localShare) : undefined,
  })
}

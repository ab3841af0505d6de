/** Where entries are kept for longer, and for other processes: any Keyv (5.6 or 6), or what is shaped like one. */
export interface CacheStore {
  get(key: string): Promise<unknown>
  /** `ttlMs`: after this it may be dropped; without it, it is kept. */
  set(key: string, value: string, ttlMs?: number): Promise<unknown>
  /** A Keyv without a listener for `'error'` may end the process with a connection that broke. */
  on?(event: 'error', listener: (error: unknown) => void): unknown
}

/** What holds for the caches of all tasks. Which tasks are cached, and for how long, each says itself. */
export interface CacheConfig {
  /**
   * Keys are made with it (HMAC-SHA256), so that nobody who sees one can try out which question it stands for. The same
   * for all processes that share a store. @defaultValue random; needed with a `store`
   */
  readonly secret?: string
  /** The second level, behind the process's memory. @defaultValue none */
  readonly store?: CacheStore
  /** In memory. @defaultValue 10_000 */
  readonly maxEntries?: number
  /** Of all entries in memory together. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number
  /** A larger answer is not kept. @defaultValue 1_048_576 (1 MiB) */
  readonly maxEntryBytes?: number
  /**
   * How long a call waits for the store; after that it is a miss. As long it waits to hear whether another process makes the
   * same call. @defaultValue 200
   */
  readonly deadlineMs?: number
  /** 32 bytes: what goes to the store is encrypted with it (AES-256-GCM). @defaultValue not encrypted */
  readonly encryptionKey?: Uint8Array
}

/** How the answers to one task are kept. */
export interface TaskCache {
  /** How long an answer is good. */
  readonly ttlMs: number
  /** How long past its time an answer is still served while a new one is fetched. @defaultValue 0 */
  readonly staleWhileRevalidateMs?: number
  /** How long past its time an answer may still be served by the rung `'stale'`. @defaultValue 0 */
  readonly staleIfErrorMs?: number
  /** Who shares an entry. @defaultValue 'tenant' */
  readonly scope?: 'tenant' | 'shared'
  /** Answers to questions that are nearly the same serve too. @defaultValue off */
  readonly semantic?: SemanticCache
}

/** Two calls that are the same but for the last question share an answer if the questions are close. */
export interface SemanticCache {
  /** The embedding of a question. Not called for a question that is cached as it is. */
  readonly embed: (question: string, signal: AbortSignal) => PromiseLike<readonly number[]>
  /** The least cosine similarity, from 0 to 1. There is no good default: measure it on your questions. */
  readonly threshold: number
  /** How long a call waits for the embedding; after that it is a miss. @defaultValue 1_000 */
  readonly deadlineMs?: number
}

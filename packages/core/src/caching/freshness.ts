import type { TaskCache } from './cache-config.ts'

/** What an answer of this age is good for. */
export type Freshness =
  | 'fresh'
  /** Served while a new one is fetched. */
  | 'stale'
  /** Served when nothing else can be. */
  | 'last-resort'
  | 'over'

export function freshness(cache: TaskCache, ageMs: number): Freshness {
  const { ttlMs, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = cache
  if (ageMs < ttlMs) return 'fresh'
  if (ageMs < ttlMs + staleWhileRevalidateMs) return 'stale'
  return ageMs < ttlMs + staleIfErrorMs ? 'last-resort' : 'over'
}

/** How long an answer is of any use. */
export function keepMs({ ttlMs, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 }: TaskCache): number {
  return ttlMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs)
}

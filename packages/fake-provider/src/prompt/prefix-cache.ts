import type { Prefix } from './prompt.ts'

/** Prompt prefixes seen lately, by hash. Bounded: the longest unused goes first. */
export interface PrefixCache {
  /** The longest known one of these, or undefined. Reading it keeps it for as long again. */
  find(now: number, prefixes: readonly Prefix[]): Prefix | undefined
  remember(now: number, prefixes: readonly Prefix[]): void
  clear(): void
}

const MOST = 10_000

/** An hour, where the usual time is five minutes. */
const HOUR = 12

/** @param ttlMs how long a prefix is kept unread, if it is not marked for an hour */
export function createPrefixCache(ttlMs: number): PrefixCache {
  const seen = new Map<number, { until: number; forMs: number }>()

  function keep(now: number, hash: number, forMs: number): void {
    seen.delete(hash)
    seen.set(hash, { until: now + forMs, forMs })
  }

  return {
    find(now, prefixes) {
      const found = prefixes.findLast(({ hash }) => (seen.get(hash)?.until ?? -Infinity) > now)
      const known = found && seen.get(found.hash)
      if (found && known) keep(now, found.hash, known.forMs)
      return found
    },
    remember(now, prefixes) {
      for (const { hash, mark } of prefixes) keep(now, hash, mark === '1h' ? HOUR * ttlMs : ttlMs)
      for (const oldest of seen.keys()) {
        if (seen.size <= MOST) break
        seen.delete(oldest)
      }
    },
    clear() {
      seen.clear()
    },
  }
}

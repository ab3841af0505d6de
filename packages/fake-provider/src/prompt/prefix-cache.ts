import type { Prefix } from './prompt.ts'

/** Prompt prefixes seen lately, by hash. Bounded: the longest unused goes first. */
export interface PrefixCache {
  /** The longest known one of these, or undefined. */
  find(now: number, prefixes: readonly Prefix[]): Prefix | undefined
  remember(now: number, prefixes: readonly Prefix[]): void
  clear(): void
}

const MOST = 10_000

export function createPrefixCache(ttlMs: number): PrefixCache {
  const seen = new Map<number, number>()
  return {
    find(now, prefixes) {
      return prefixes.findLast((prefix) => (seen.get(prefix.hash) ?? -Infinity) + ttlMs > now)
    },
    remember(now, prefixes) {
      for (const { hash } of prefixes) {
        seen.delete(hash)
        seen.set(hash, now)
      }
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

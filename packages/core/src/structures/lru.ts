import { LRUCache } from 'lru-cache'

/**
 * A map of at most so many entries: the least recently used go. What it may grow to is not set aside beforehand, as it
 * is for a cache with a `max`: that took 50 ms of every `createPlimsoll`.
 */
export function lru<Value extends NonNullable<unknown>>(most: number): LRUCache<string, Value> {
  return new LRUCache({ maxSize: most, sizeCalculation: one })
}

function one(): number {
  return 1
}

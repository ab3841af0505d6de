import type { Model } from '../model.ts'
import type { Prefix } from './prompt.ts'

/** How an API uses the prompt cache for one prompt. */
export interface Caching {
  /** Prefixes that may be read, if they were kept before. */
  readable: Prefix[]
  /** Prefixes that are kept from now on. */
  kept: Prefix[]
  /** What is read beyond the model's `minTokens` comes in steps of so many tokens. */
  step: number
}

/** What a request has of the prompt cache, in tokens of the model. */
export interface CacheUse {
  read: number
  written: number
  /** Of `written`: for an hour. */
  writtenForAnHour: number
  /** Keeps what was written, once it has been read by the model. */
  remember(now: number): void
}

const NONE: CacheUse = { read: 0, written: 0, writtenForAnHour: 0, remember: () => {} }

/** @param size tokens as the model counts them, from those of the meter */
export function useCache(
  { settings: { promptCache }, cache }: Model,
  { readable, kept, step }: Caching,
  now: number,
  size: (tokens: number) => number,
): CacheUse {
  if (!promptCache || !cache) return NONE
  const { minTokens } = promptCache
  const isLongEnough = ({ tokens }: Prefix): boolean => size(tokens) >= minTokens
  const written = kept.filter(isLongEnough)
  const known = cache.find(now, readable.filter(isLongEnough))
  const read = known ? size(known.tokens) - ((size(known.tokens) - minTokens) % step) : 0
  /** Only what was marked is billed as written. */
  const beyond = (prefix: Prefix | undefined): number =>
    prefix?.mark ? Math.max(0, size(prefix.tokens) - read) : 0
  return {
    read,
    written: beyond(written.at(-1)),
    writtenForAnHour: beyond(written.findLast(({ mark }) => mark === '1h')),
    remember: (later) => cache.remember(later, written),
  }
}

import type { CacheStore, Clock, PlimsollConfig } from '@plimsoll/core'
import type { VirtualClock } from '@plimsoll/core/testing'
import { setUp } from './set-up.ts'

export const TARGET = 'openai/model'
export const HOUR = 3_600_000
export const CACHED = { tasks: { faq: { cache: { ttlMs: HOUR } } } } satisfies PlimsollConfig

/** A function that takes so long, and answers with how often it was called. */
export function answering(clock: Clock, { ms = 100 }: { ms?: number } = {}) {
  const seen = { calls: 0, aborted: 0, signals: [] as AbortSignal[] }
  const fn = async ({ signal }: { signal: AbortSignal }) => {
    const answer = { n: ++seen.calls }
    seen.signals.push(signal)
    signal.addEventListener('abort', () => seen.aborted++, { once: true })
    await sleep(clock, ms)
    signal.throwIfAborted()
    return answer
  }
  return { seen, fn }
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((done) => clock.timer(ms, done))
}

/** A Plimsoll whose task `faq` is cached, and a question to it. */
export function setUpCache(
  config: PlimsollConfig = CACHED,
  { ms = 100, clock }: { ms?: number; clock?: VirtualClock } = {},
) {
  const all = setUp(config, clock)
  const { fn, seen } = answering(all.clock, { ms })
  const ask = (input: unknown, own: object = {}) =>
    all.plimsoll.call({ target: TARGET, task: 'faq', input, maxOutputTokens: 10, ...own }, fn)
  /** Asks, and lets time pass until it is answered. */
  const asked = async (input: unknown, own: object = {}) => {
    const answer = ask(input, own)
    answer.catch(() => {})
    // A slow store takes a while too.
    await all.clock.advance(ms + 10)
    return answer
  }
  const caches = () => all.records().map(({ cache }) => cache ?? 'none')
  return { ...all, ask, asked, seen, caches }
}

/** A store whose answers take a while, or fail, as its test wants. */
export function slowStore(clock: Clock, how: { ms?: number; fails?: boolean } = {}) {
  const map = new Map<string, string>()
  const does = { ...how, gets: 0, sets: 0 }
  const wait = async (): Promise<void> => {
    if (does.ms !== undefined) await sleep(clock, does.ms)
    if (does.fails === true) throw new Error('store is down')
  }
  const store: CacheStore = {
    async get(key) {
      does.gets++
      await wait()
      return map.get(key)
    },
    async set(key, value) {
      does.sets++
      await wait()
      map.set(key, value)
      return true
    },
  }
  return { store, map, does }
}

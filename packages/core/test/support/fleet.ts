import type { Op, PlimsollConfig, Store, StoreWatcher } from '@plimsoll/core'
import { delayedStore, MemoryStore, virtualClock } from '@plimsoll/core/testing'
import type { VirtualClock } from '@plimsoll/core/testing'
import { CACHED, setUpCache, slowStore } from './caching.ts'

export interface FleetOptions {
  readonly clock?: VirtualClock
  readonly config?: PlimsollConfig
  /** How long a call to the provider takes. @defaultValue 1_000 */
  readonly ms?: number
  /** How long an operation of the store takes, there and back, and a message. @defaultValue 2 */
  readonly delayMs?: (op: Op) => number
  /** How long the cache's store takes. @defaultValue 2 */
  readonly cacheMs?: number
}

/** Processes that share limits and a cache, each over connections of its own. */
export function fleet({
  clock = virtualClock(),
  config = CACHED,
  ms = 1_000,
  delayMs = () => 2,
  cacheMs = 2,
}: FleetOptions = {}) {
  const memory = new MemoryStore()
  const watchers = new Set<StoreWatcher>()
  /** What has gone wrong with the store: nobody is told when a claim is given up; to ask about one fails, or is not answered. */
  const does = { losesMessages: false, fails: false, hangs: false }
  const cache = slowStore(clock, { ms: cacheMs })
  /** Questions of who leads, as they arrived. */
  const asked: string[] = []
  const inner: Store = {
    send(op, now, done) {
      if (op.type === 'lead' || op.type === 'unlead') asked.push(`${op.type} ${op.holder}`)
      memory.send(op, now, done)
      if (op.type !== 'unlead' || does.losesMessages) return
      for (const { freed } of watchers) clock.timer(delayMs(op) / 2, () => freed([op.key]))
    },
  }
  /** One process more. `dies`: from then on nothing of it reaches anybody. */
  function process(own: PlimsollConfig = {}, leads = true) {
    let isDead = false
    const isLost = (op: Op) => isDead || (does.fails && (op.type === 'lead' || op.type === 'unlead'))
    const fails = (op: Op) => (isLost(op) ? ('before' as const) : undefined)
    const connection = delayedStore({ inner, clock, delayMs, fails })
    const store: Store = {
      leads,
      send(op, now, done) {
        if (does.hangs && op.type === 'lead') return
        connection.send(op, now, (answer) => isDead || done(answer))
      },
      watch(watcher) {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      },
    }
    const ownCache = {
      get: async (key: string) => (isDead ? new Promise(() => {}) : cache.store.get(key)),
      set: async (key: string, value: string) =>
        isDead ? new Promise(() => {}) : cache.store.set(key, value),
    }
    const all = setUpCache(
      {
        ...config,
        store,
        cache: { store: ownCache, secret: 'a secret of the tests', ...config.cache },
        ...own,
      },
      { clock, ms },
    )
    return { ...all, dies: () => (isDead = true) }
  }
  return { clock, process, asked, does, cache, watchers, memory }
}

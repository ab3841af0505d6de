import type { Clock } from '../time/clock.ts'
import type { Answers } from './answers.ts'
import type { TaskCache } from './cache-config.ts'
import type { Epochs } from './epochs.ts'
import { keepMs } from './freshness.ts'
import { livingPrefix } from './identity.ts'
import { SHARED } from './keys.ts'
import type { Keys } from './keys.ts'
import type { Levels } from './levels.ts'

export interface ShelfOptions {
  readonly clock: Clock
  readonly keys: Keys
  readonly epochs: Epochs
  readonly levels: Levels
  readonly answers: Answers
}

/** Whose it is, and for how long. */
export interface Place {
  readonly tenant: string | undefined
  readonly cache: Pick<TaskCache, 'ttlMs' | 'scope'>
}

/** Values that a host keeps under keys of its own, on the levels of the cache. Neither way ever rejects. */
export class Shelf {
  readonly #options: ShelfOptions

  constructor(options: ShelfOptions) {
    this.#options = options
  }

  /** As it was kept, or `undefined`. */
  async lookup(key: unknown, place: Place): Promise<unknown> {
    const { answers } = this.#options
    const full = await this.#keyOf(key, place)
    if (full === undefined) return undefined
    const kept = answers.inMemory(full, place.cache) ?? (await answers.inStore(full, place.cache))
    return kept?.kind === 'fresh' ? kept.entry.data : undefined
  }

  /** @param value data that JSON can hold */
  async keep(key: unknown, value: unknown, place: Place): Promise<void> {
    const { answers, clock, levels } = this.#options
    const full = await this.#keyOf(key, place)
    if (full === undefined) return
    try {
      const entry = { at: clock.now(), target: '', finish: undefined, data: value }
      if (levels.write(full, entry, keepMs(place.cache)) === undefined)
        throw new RangeError('The answer is larger than `cache.maxEntryBytes`.')
    } catch (error) {
      answers.failed('encode', error)
    }
  }

  async #keyOf(key: unknown, { tenant, cache }: Place): Promise<string | undefined> {
    const { keys, epochs, answers } = this.#options
    try {
      const holder = cache.scope === 'shared' ? SHARED : keys.holder(tenant)
      return `${await livingPrefix(holder, epochs)}shelf:${keys.of(key)}`
    } catch (error) {
      answers.failed('key', error)
      return undefined
    }
  }
}

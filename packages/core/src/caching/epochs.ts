import { lru } from '../structures/lru.ts'
import type { GuardedStore } from './guarded-store.ts'

/** How long what a store said of an epoch is gone by: as long may a purge take to reach other processes. */
const GOOD_FOR_MS = 5_000
const MOST = 100_000
/** Before anything was purged. */
const FIRST = '0'

interface Known {
  readonly epoch: string
  readonly readAt: number
  /** Whether the store knows of it. */
  readonly told: boolean
}

export interface EpochsOptions {
  readonly store: GuardedStore | undefined
  readonly now: () => number
  readonly newEpoch: () => string
}

/**
 * Each holder's entries carry its epoch in their keys: a new epoch, and none of them is found any more, on whichever level.
 * Random, not counted: an epoch that a store has lost never comes back by counting on.
 */
export class Epochs {
  readonly #options: EpochsOptions
  readonly #known = lru<Known>(MOST)
  readonly #reading = new Map<string, Promise<string>>()

  constructor(options: EpochsOptions) {
    this.#options = options
  }

  /** At once where it is known. A store that cannot say leaves it at what was known last. */
  of(holder: string): string | Promise<string> {
    const { store, now } = this.#options
    const known = this.#known.get(holder)
    if (store === undefined) return known?.epoch ?? FIRST
    if (known !== undefined && now() - known.readAt < GOOD_FOR_MS) return known.epoch
    let reading = this.#reading.get(holder)
    if (reading === undefined) {
      reading = this.#read(holder, store).finally(() => this.#reading.delete(holder))
      this.#reading.set(holder, reading)
    }
    return reading
  }

  /** @throws the store's error: it holds here all the same, and is told to the store again when it is next looked up */
  async renew(holder: string): Promise<void> {
    const { store, newEpoch } = this.#options
    const epoch = newEpoch()
    this.#know(holder, epoch, store === undefined)
    if (store !== undefined) await this.#tell(holder, epoch, store)
  }

  async #tell(holder: string, epoch: string, store: GuardedStore): Promise<void> {
    const answer = await store.set(keyOf(holder), epoch, undefined)
    if (answer.kind === 'failed') throw answer.error
    if (this.#known.get(holder)?.epoch === epoch) this.#know(holder, epoch, true)
  }

  async #read(holder: string, store: GuardedStore): Promise<string> {
    const before = this.#known.get(holder)
    if (before?.told === false) {
      await this.#tell(holder, before.epoch, store).catch(() => {})
      return this.#known.get(holder)?.epoch ?? before.epoch
    }
    const answer = await store.get(keyOf(holder))
    const known = this.#known.get(holder)
    // It was renewed meanwhile, and what was read is older.
    if (known !== undefined && known !== before) return known.epoch
    const said = answer.kind === 'ok' ? answer.value : undefined
    const epoch = typeof said === 'string' ? said : (known?.epoch ?? FIRST)
    this.#know(holder, epoch, true)
    return epoch
  }

  #know(holder: string, epoch: string, told: boolean): void {
    this.#known.set(holder, { epoch, readAt: this.#options.now(), told })
  }
}

function keyOf(holder: string): string {
  return `plimsoll:epoch:${holder}`
}

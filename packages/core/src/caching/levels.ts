import { LRUCache } from 'lru-cache'
import type { Cipher } from './cipher.ts'
import { read, written } from './entry.ts'
import type { Entry } from './entry.ts'
import type { GuardedStore } from './guarded-store.ts'

export interface LevelsOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxEntryBytes: number
  readonly store: GuardedStore | undefined
  readonly cipher: Cipher
}

export interface Written {
  readonly bytes: number
  /** Resolves when the store has it, or has failed to take it. */
  readonly stored: Promise<unknown>
}

/** Entries: those used last in memory, all of them in the user's store. */
export class Levels {
  readonly #options: LevelsOptions
  /** As text, which nobody can change who is handed an answer. */
  #made: LRUCache<string, string> | undefined

  constructor(options: LevelsOptions) {
    this.#options = options
  }

  /** Made when it is first used: room for all of its entries is set aside at once. */
  get #memory(): LRUCache<string, string> {
    return (this.#made ??= new LRUCache({
      max: this.#options.maxEntries,
      maxSize: this.#options.maxBytes,
      sizeCalculation: (text, key) => Buffer.byteLength(text) + key.length,
    }))
  }

  get hasStore(): boolean {
    return this.#options.store !== undefined
  }

  /** Whether other processes find here what this one keeps, and it what they do. */
  get isShared(): boolean {
    return this.#options.store?.works === true
  }

  inMemory(key: string): Entry | undefined {
    return read(this.#memory.get(key))
  }

  /** Never rejects, and never takes long: what cannot be had is not there. */
  async inStore(key: string): Promise<Entry | undefined> {
    const { store, cipher } = this.#options
    if (store === undefined) return undefined
    const answer = await store.get(key)
    if (answer.kind === 'failed' || typeof answer.value !== 'string') return undefined
    const text = cipher.decrypt(answer.value, key)
    const entry = read(text)
    // What has been written here meanwhile is newer.
    if (entry === undefined || entry.at <= (this.inMemory(key)?.at ?? Number.NEGATIVE_INFINITY))
      return undefined
    this.#memory.set(key, text!)
    return entry
  }

  /**
   * In memory at once; the store is told, and need not be waited for. Returns `undefined` where it is too large.
   *
   * @throws {TypeError} for what cannot be written
   */
  write(key: string, entry: Entry, keepMs: number): Written | undefined {
    const { maxEntryBytes, store, cipher } = this.#options
    const text = written(entry)
    const bytes = Buffer.byteLength(text)
    if (bytes > maxEntryBytes) return undefined
    this.#memory.set(key, text)
    return { bytes, stored: Promise.resolve(store?.set(key, cipher.encrypt(text, key), keepMs)) }
  }

  /** What cannot be used is not worth its room. */
  drop(key: string): void {
    this.#memory.delete(key)
  }

  dropAll(prefix: string): void {
    for (const key of this.#memory.keys()) if (key.startsWith(prefix)) this.#memory.delete(key)
  }

  async idle(): Promise<void> {
    await this.#options.store?.idle()
  }
}

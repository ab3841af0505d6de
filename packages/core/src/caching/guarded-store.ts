import type { CacheOp } from '../call/events.ts'
import type { Cancel, Clock } from '../time/clock.ts'
import type { CacheStore } from './cache-config.ts'
import { Fuse } from './fuse.ts'

export interface GuardedStoreOptions {
  readonly store: CacheStore
  readonly clock: Clock
  readonly now: () => number
  readonly deadlineMs: number
  readonly onFailed: (op: CacheOp, error: unknown) => void
}

/** What came of asking: `failed` is not the same as `nothing`. */
export type Answer =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }

/** A store that always answers, and soon: one that hangs, throws or breaks looks like one that has failed. */
export class GuardedStore {
  readonly #options: GuardedStoreOptions
  readonly #fuse = new Fuse()
  readonly #pending = new Set<Promise<unknown>>()
  /** Errors that the store has told of by its event. */
  #told = 0
  #works = true

  constructor(options: GuardedStoreOptions) {
    this.#options = options
    options.store.on?.('error', (error) => {
      this.#told++
      this.#failed('connection', error)
    })
  }

  /** Whether it did what it was asked for last. */
  get works(): boolean {
    return this.#works
  }

  get(key: string): Promise<Answer> {
    return this.#ask('read', (store) => store.get(key))
  }

  /** `ttlMs`: `undefined` for good. */
  set(key: string, value: string, ttlMs: number | undefined): Promise<Answer> {
    const written = this.#ask('write', (store) => store.set(key, value, ttlMs))
    this.#pending.add(written)
    void written.then(() => this.#pending.delete(written))
    return written
  }

  /** Resolves when all that was to be written is, or has failed to be. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  #ask(op: CacheOp, ask: (store: CacheStore) => Promise<unknown>): Promise<Answer> {
    const { clock, now, deadlineMs } = this.#options
    if (!this.#fuse.lets(now())) return Promise.resolve({ kind: 'failed', error: resting() })
    return new Promise((resolve) => {
      let cancel: Cancel | undefined
      const done = (answer: Answer): void => {
        if (cancel === undefined) return
        cancel()
        cancel = undefined
        this.#works = answer.kind === 'ok'
        if (answer.kind === 'ok') this.#fuse.succeeded()
        else this.#failed(op, answer.error)
        resolve(answer)
      }
      const succeeded = (value: unknown): void => done({ kind: 'ok', value })
      const failed = (error: unknown): void => done({ kind: 'failed', error })
      cancel = clock.timer(deadlineMs, () =>
        failed(new Error(`The cache's store took over ${deadlineMs} ms.`)),
      )
      void this.#answer(ask).then(succeeded, failed)
    })
  }

  /** A Keyv that somebody listens to tells of an error there, and answers with nothing. */
  async #answer(ask: (store: CacheStore) => Promise<unknown>): Promise<unknown> {
    const told = this.#told
    const value = await ask(this.#options.store)
    if (this.#told === told || (value !== undefined && value !== false)) return value
    throw new Error("The cache's store has told of an error meanwhile.")
  }

  #failed(op: CacheOp, error: unknown): void {
    this.#fuse.failed(this.#options.now())
    this.#options.onFailed(op, error)
  }
}

function resting(): Error {
  return new Error("The cache's store has failed several times, and is left alone for a while.")
}

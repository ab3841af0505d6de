import type { Clock } from '../time/clock.ts'
import type { Store, Told } from '../store/port.ts'

/** How often a store that failed is told again what it must know, */
const TRIES = 8
/** first after this, then twice as long each time. */
export const RETRY_MS = 50

export interface SenderOptions {
  readonly store: Store
  readonly clock: Clock
  readonly now: () => number
  readonly onFailed: (error: unknown) => void
}

/** Tells the store what nobody waits for, and knows when it has taken all of it. */
export class Sender {
  readonly #options: SenderOptions
  #pending = 0
  #onIdle: (() => void)[] = []

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Once: what it is about runs out by itself. */
  once(op: Told, now: number): void {
    this.#send(op, now, 1)
  }

  /** Until it is taken, or has failed too often. */
  surely(op: Told, now: number): void {
    this.#send(op, now, TRIES)
  }

  /** Resolves when the store has taken everything, or has failed to too often. */
  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  #send(op: Told, now: number, tries: number): void {
    const { store, clock, onFailed } = this.#options
    this.#pending++
    store.send(op, now, (answer) => {
      if (answer.kind === 'failure' && answer.done !== true) {
        onFailed(answer.error)
        if (tries > 1) {
          this.#pending++
          clock.timer(RETRY_MS * 2 ** (TRIES - tries), () => {
            this.#send(op, this.#options.now(), tries - 1)
            this.#done()
          })
        }
      }
      this.#done()
    })
  }

  #done(): void {
    if (--this.#pending > 0 || this.#onIdle.length === 0) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

import type { Clock } from '../time/clock.ts'

/** Those that wait before a repeat, so that they can be woken when there is to be none. */
export class Sleepers {
  readonly #clock: Clock
  readonly #awake = new Set<() => void>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after `ms`, or as soon as the signal aborts or all are woken. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed || signal?.aborted === true) return resolve()
      const awake = (): void => {
        cancel()
        signal?.removeEventListener('abort', awake)
        this.#awake.delete(awake)
        resolve()
      }
      const cancel = this.#clock.timer(ms, awake)
      signal?.addEventListener('abort', awake, { once: true })
      this.#awake.add(awake)
    })
  }

  /** Wakes everyone, and lets nobody sleep again. */
  close(): void {
    this.#isClosed = true
    for (const awake of this.#awake) awake()
  }
}

import type { Cancel, Clock } from './clock.ts'

/** A wake-up at or before now would loop. */
const EPSILON_MS = 0.01

/** One timer that can be set again. To ring early is allowed, late is not: so an earlier setting is left in place. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #cancel: Cancel | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** `Infinity` turns it off. */
  set(at: number, now: number): void {
    if (at === Number.POSITIVE_INFINITY) return this.clear()
    if (this.#cancel !== undefined && this.#at <= Math.max(at, now)) return
    this.clear()
    this.#at = at
    this.#cancel = this.#clock.timer(Math.max(at - now, EPSILON_MS), () => {
      this.#cancel = undefined
      this.#ring()
    })
  }

  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

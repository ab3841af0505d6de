/** What was let in longer ago counts ever less. */
const TAU_MS = 60_000

/** How many are let in a minute, as of late: a count that fades, and that comes to the rate where the rate is steady. */
export class DrainRate {
  #count = 0
  #at = Number.NEGATIVE_INFINITY

  granted(now: number): void {
    this.#count = this.#faded(now) + 1
    this.#at = now
  }

  /** `undefined` until somebody was let in. */
  perMinute(now: number): number | undefined {
    return this.#at === Number.NEGATIVE_INFINITY ? undefined : this.#faded(now)
  }

  #faded(now: number): number {
    return this.#count * Math.exp((this.#at - now) / TAU_MS)
  }
}

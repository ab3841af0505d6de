/** After as many failures in a row the store is left alone for a while. */
const FAILURES = 3
const REST_MS = 5_000

/** Whether it is worth asking a store that has been failing. Pure: it is handed `now`. */
export class Fuse {
  #failures = 0
  #restsUntil = Number.NEGATIVE_INFINITY

  /** Once it has rested, one is let through to see; until that one is back, no other. */
  lets(now: number): boolean {
    if (this.#failures < FAILURES) return true
    if (now < this.#restsUntil) return false
    this.#restsUntil = now + REST_MS
    return true
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(now: number): void {
    if (++this.#failures >= FAILURES) this.#restsUntil = now + REST_MS
  }
}

/** A store that failed is asked again after this, twice as long each time, */
const RETRY_MS = 50
/** and after so many failures in a row whoever asks is refused. */
const TRIES = 3

/** How a store that fails is let rest. */
export class StoreRest {
  #failures = 0
  /** Until then it is not asked. */
  until = Number.NEGATIVE_INFINITY

  isResting(now: number): boolean {
    return now < this.until
  }

  answered(): void {
    this.#failures = 0
  }

  /** Returns, in milliseconds, when whoever asked may come again; `undefined` while it waits for another try. */
  failed(now: number): number | undefined {
    const restMs = RETRY_MS * 2 ** Math.min(this.#failures++, TRIES)
    if (this.#failures >= TRIES) return restMs
    this.until = now + restMs
    return undefined
  }
}

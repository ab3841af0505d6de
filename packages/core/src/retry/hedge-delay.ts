import { OutputQuantile } from '../tokens/output-quantile.ts'

/** Before so many answers nobody knows what is slow. */
const FEWEST = 10
/** For so many answers slower than the quantile as are to be expected, and no more. */
const LEAST = 1
const MOST = 10

/**
 * How long a target takes to its first content in all but the slowest calls, and how many of those it may be asked again
 * for. It is asked again at most as often as calls are slower than the quantile: when all of them become slow, that is the
 * target's trouble, and twice the load would make it worse.
 */
export class HedgeDelay {
  readonly #quantile: OutputQuantile
  readonly #part: number
  #answers = 0
  #tokens = LEAST

  constructor(quantile: number) {
    // It learns any high quantile of positive numbers: here of milliseconds.
    this.#quantile = new OutputQuantile(quantile)
    this.#part = 1 - quantile
  }

  /** Milliseconds after which a second request is worth it; `undefined` while too little is known. */
  get ms(): number | undefined {
    return this.#answers < FEWEST ? undefined : this.#quantile.value()
  }

  /** A call begins. */
  began(): void {
    this.#tokens = Math.min(MOST, this.#tokens + this.#part)
  }

  /** An answer's first content took so long. */
  learn(ms: number): void {
    this.#answers++
    this.#quantile.learn(ms)
  }

  /** Takes one hedge, if there is one. */
  take(): boolean {
    // Sums of parts such as 0.05 fall a little short of 1.
    if (this.#tokens < 1 - 1e-9) return false
    this.#tokens--
    return true
  }
}

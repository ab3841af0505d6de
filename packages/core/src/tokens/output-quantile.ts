const FIRST = 512
const LEAST = 1
const MOST = 1_000_000
/** Steps in logs: large at first, since 512 may be far off, and never so small that a change goes unnoticed. */
const FIRST_STEP = 2
const LEAST_STEP = 0.05

/**
 * A high quantile of how long a target's answers to a task are, for calls that set no limit. Learnt by stochastic
 * approximation (Robbins and Monro, 1951) in logs: each answer above it moves it up by `quantile` of a step, each
 * answer below down by the rest. One number is kept, no history.
 */
export class OutputQuantile {
  readonly #quantile: number
  #log = Math.log(FIRST)
  #answers = 0

  /** @param quantile - the share of answers that are to be no longer. @defaultValue 0.9 */
  constructor(quantile = 0.9) {
    this.#quantile = Math.min(0.999, Math.max(0.001, quantile))
  }

  /** Tokens. 512 at first; between 1 and 1,000,000. */
  value(): number {
    return Math.exp(this.#log)
  }

  /** An answer that came to its end. What is no count is left out; an empty answer counts as one token. */
  learn(tokens: number): void {
    if (!(tokens >= 0 && Number.isFinite(tokens))) return
    const step = Math.max(LEAST_STEP, FIRST_STEP / Math.sqrt(++this.#answers))
    const isLonger = Math.log(Math.max(LEAST, tokens)) > this.#log
    const moved = this.#log + step * (isLonger ? this.#quantile : this.#quantile - 1)
    this.#log = Math.min(Math.log(MOST), Math.max(Math.log(LEAST), moved))
  }
}

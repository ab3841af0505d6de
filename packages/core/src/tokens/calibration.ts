/** The prior: a provider's tokenizer may differ from ours by 15 % (two standard deviations, in logs). */
const PRIOR_SD = 0.07
/** Until residuals say otherwise, and the least that they may say: a few alike do not prove that all will be. */
const FIRST_NOISE_SD = 0.1
const LEAST_NOISE_SD = 0.03
/** Remembered calls: more would follow a provider's change too slowly. */
const MAX_CALLS = 64
const MOST = Math.log(4)

/**
 * How actual input tokens of one target compare with our estimates of them. Learns the mean of `log(actual / estimated)`,
 * its scatter, and so how uncertain the mean itself still is.
 */
export class Calibration {
  #mean = 0
  #variance = FIRST_NOISE_SD ** 2
  #calls = 0

  /**
   * What a reservation multiplies an estimate by: the mean and two standard deviations of its uncertainty. 1.15 at
   * first, within a percent or two of `center()` once learnt. Between 0.25 and 4.
   */
  factor(): number {
    return Math.exp(clamp(this.#mean + 2 * Math.sqrt(this.#biasVariance)))
  }

  /**
   * What an estimate multiplied by is hardly ever exceeded: three standard deviations of what one call may come to. For
   * calls whose usage nobody will know. 1.44 at first; between 0.25 and 4.
   */
  most(): number {
    return Math.exp(clamp(this.#mean + 3 * Math.sqrt(this.#biasVariance + this.#noise)))
  }

  get #noise(): number {
    return Math.max(this.#variance, LEAST_NOISE_SD ** 2)
  }

  /** Of the mean: how far it may still be off. */
  get #biasVariance(): number {
    return 1 / (1 / PRIOR_SD ** 2 + this.#calls / this.#noise)
  }

  /** What an estimate multiplied by is right on average. 1 at first; between 0.25 and 4. */
  center(): number {
    return Math.exp(this.#mean)
  }

  /** A call whose usage came. What is no positive count is left out. */
  learn(estimated: number, actual: number): void {
    const ratio = actual / estimated
    if (!(estimated > 0 && ratio > 0 && Number.isFinite(ratio))) return
    this.#calls = Math.min(this.#calls + 1, MAX_CALLS)
    // The prior weighs as much as one call.
    const gain = 1 / (this.#calls + 1)
    const residual = clamp(Math.log(ratio)) - this.#mean
    this.#mean += gain * residual
    this.#variance += gain * ((1 - gain) * residual * residual - this.#variance)
  }
}

function clamp(log: number): number {
  return Math.min(MOST, Math.max(-MOST, log))
}

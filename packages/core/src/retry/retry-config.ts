export interface RetryConfig {
  /**
   * Attempts of one call, the first, fallbacks, hedges and escalations included. One that a rate limit sends back to the
   * queue is not counted: it waits. More than the class has of its own go to a call's last target. @defaultValue by the failure's class, at each target: 3, of a timeout 2
   */
  readonly maxAttempts?: number
  /**
   * Repeats of a target over its first tries, all calls together; beside it, one a second. 0 for none at all: what fails
   * goes on to the next target at once. @defaultValue 0.1
   */
  readonly budget?: number
}

/** `true` is `{ quantile: 0.95 }`: of 100 calls about the 5 slowest to begin are asked for twice. */
export type HedgeConfig = boolean | { readonly quantile: number }

export interface BreakerConfig {
  /** So many failures of a target in a row open it. @defaultValue 10 */
  readonly failures?: number
  /** How long it is open at first; twice as long after each probe that fails, up to twelve times. @defaultValue 5_000 */
  readonly openMs?: number
}

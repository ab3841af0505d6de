const FIRST_MS = 500
const LONGEST_MS = 8_000
/** A hint names the first moment that there is a chance: who comes a little later finds the herd gone. */
const HINT_JITTER = 0.05

export interface BackoffOptions {
  /** Which repeat it is, from 1. */
  readonly repeat: number
  /** What the latest error asked for. */
  readonly retryAfterMs: number | undefined
  /** In [0, 1). */
  readonly random: number
}

/**
 * How long to wait before a repeat. What the provider asked for, and never less; else exponential from 500 ms to 8 s with
 * full jitter, so that calls that failed together do not come back together.
 */
export function backoffMs({ repeat, retryAfterMs, random }: BackoffOptions): number {
  // A hint of no time is none: to obey it would be to hammer.
  if (retryAfterMs !== undefined && retryAfterMs > 0) return retryAfterMs * (1 + HINT_JITTER * random)
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (repeat - 1)) * random
}

/**
 * One limit's arithmetic: how much of it is in use. Pure: every call is handed `now` (ms, monotonic), nothing is
 * read from a clock, and time never goes back.
 */
export interface Meter {
  /** The most that can be in use at once: what a single request must not exceed. */
  readonly capacity: number
  /** In use at `now`. May be over `capacity` when output was counted as it was generated. */
  used(now: number): number
  /** Takes whether it fits or not: asking first is the caller's part. */
  take(now: number, amount: number): void
  /** Gives back a part of what was taken at `takenAt`; returns how much of it really came back. */
  giveBack(now: number, amount: number, takenAt: number): number
  /** ms until `amount` fits: 0 when it fits now, Infinity when it never will. */
  waitMs(now: number, amount: number): number
  /** ms until nothing is in use, if no more is taken. */
  fullResetMs(now: number): number
}

/** Far below one token and far above the rounding error of a sum of tokens. */
export const TOLERANCE = 1e-7

/**
 * Time and chance, as everything in Plimsoll is handed them. Nothing outside `time/` reads the
 * machine's clock, so the same code runs on the system's time, in a simulator and under a test clock.
 */
export interface Clock {
  /** Milliseconds. Only differences count, save for calendar windows, which read it as Unix time. */
  now(): number
  /**
   * Calls `fn` once, `ms` milliseconds from now. The returned function cancels it and may be called
   * at any time, more than once.
   *
   * A `background` timer does not keep the process alive: for housekeeping that nobody waits for.
   */
  timer(ms: number, fn: () => void, background?: boolean): Cancel
  /** A number in [0, 1), for jitter and sampling. */
  random(): number
}

export type Cancel = () => void

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failures: number
  /** How long it is open at first. */
  readonly openMs: number
}

export interface Moment {
  readonly now: number
  /** In [0, 1). */
  readonly random: number
  /** How long the provider asked to wait. @defaultValue 0 */
  readonly leastMs?: number | undefined
}

/** After probes that fail it stays open twice as long each time, up to so many times as long as at first. */
export const LONGEST = 12
/** Processes that saw a target fail together should not all try it together. */
const JITTER = 0.2

/**
 * A circuit breaker, as a state machine that is handed the time. Closed: everyone passes, and failures in a row are
 * counted. (Not their share of a window: ten calls would have to decide it, and a target that fails every third time fails
 * five of ten quite often, but ten in a row once in 59,000.) Open: nobody passes. Half-open: one passes, the probe, and
 * what comes of it closes or opens it again.
 *
 * An era ends whenever it opens or closes. What is told of an attempt that was let in before says nothing new.
 */
export class Breaker {
  #era = 0
  #failures = 0
  #openUntil: number | undefined
  /** How often it has opened without having closed since. */
  #openings = 0
  /** Attempts that were let in while half-open: the probe, and what is nested in it. */
  #probing = 0

  get era(): number {
    return this.#era
  }

  /** Nothing is known against it, and nothing ever was. */
  get isCalm(): boolean {
    return this.#era === 0 && this.#failures === 0
  }

  /** Until when nobody passes; `-Infinity` when it is closed. */
  get openUntil(): number {
    return this.#openUntil ?? Number.NEGATIVE_INFINITY
  }

  /** Whether a probe is out. */
  get isProbing(): boolean {
    return this.#probing > 0
  }

  state(now: number): BreakerState {
    if (this.#openUntil === undefined) return 'closed'
    return now < this.#openUntil ? 'open' : 'half-open'
  }

  /** One was let in; true when it is a probe. */
  enter(now: number): boolean {
    if (this.state(now) !== 'half-open') return false
    this.#probing++
    return true
  }

  /** One that was let in is over, and tells nothing. */
  left(era: number): void {
    if (era === this.#era && this.#probing > 0) this.#probing--
  }

  /** True when this closed it. */
  succeeded(era: number): boolean {
    if (era !== this.#era) return false
    this.#failures = 0
    if (this.#openUntil === undefined) return false
    this.#openUntil = undefined
    this.#openings = 0
    this.#next()
    return true
  }

  /** True when this opened it, or opened it again. Of two deadlines the longer one holds. */
  failed(era: number, { failures, openMs }: BreakerOptions, { now, random, leastMs = 0 }: Moment): boolean {
    if (era !== this.#era) {
      // Sent before it opened: not counted again, but how long it asked to wait still holds.
      if (this.state(now) === 'open') this.#openUntil = Math.max(this.openUntil, now + leastMs)
      return false
    }
    this.#failures++
    if (this.#openUntil === undefined && this.#failures < failures) return false
    const times = Math.min(LONGEST, 2 ** this.#openings++)
    this.#openUntil = now + Math.max(openMs * times * (1 + JITTER * random), leastMs)
    this.#failures = 0
    this.#next()
    return true
  }

  #next(): void {
    this.#era++
    this.#probing = 0
  }
}

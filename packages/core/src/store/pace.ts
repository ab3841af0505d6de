import { ROUNDING } from './meter.ts'
import type { Bucket } from './port.ts'

export interface SavedPace {
  readonly until: number
  readonly rate: number
  readonly burst: number
  readonly level: number
  readonly at: number
}

/**
 * How a window lets calls in again after the provider turned one back: for one window at the limit's own rate, so
 * that those who waited do not meet the next refusal all at once (measured: 286 of 309 rate limits came from that).
 */
export class Pace {
  readonly until: number
  readonly #rate: number
  readonly #burst: number
  #level: number
  #at: number

  constructor({ until, rate, burst, level, at }: SavedPace) {
    this.until = until
    this.#rate = rate
    this.#burst = burst
    this.#level = level
    this.#at = at
  }

  static of(bucket: Bucket, from: number, largest: number): Pace {
    const burst = Math.max(bucket.capacity / 50, largest)
    const rate = bucket.capacity / bucket.perMs
    return new Pace({ until: from + bucket.perMs, rate, burst, level: burst, at: from })
  }

  save(): SavedPace {
    return {
      until: this.until,
      rate: this.#rate,
      burst: this.#burst,
      level: this.#level,
      at: this.#at,
    }
  }

  room(now: number): number {
    this.#refill(now)
    return this.#level
  }

  waitMs(now: number, amount: number): number {
    // Beyond the burst it waits for the pacing to end.
    if (amount > this.#burst) return Math.max(0, this.until - now)
    this.#refill(now)
    if (amount <= this.#level + ROUNDING) return Math.max(0, this.#at - now)
    return Math.max(0, (amount - this.#level) / this.#rate + Math.max(0, this.#at - now))
  }

  take(amount: number): void {
    this.#level -= amount
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) * this.#rate)
    this.#at = now
  }
}

import { Meter } from './meter.ts'
import type { Resumed, SavedMeter } from './meter.ts'
import { Peaks } from './peaks.ts'
import type { Bucket } from './port.ts'

interface SavedTokenBucket extends SavedMeter {
  /** Null while its size is not known. */
  readonly level: number | null
  readonly at: number
}

/**
 * Refills continuously up to its capacity and may go into debt.
 *
 * `level` is lowered when a charge is counted, not when it is reserved: until then the provider's own bucket may be
 * full and refill nothing, so that refilling under a pending charge would hand out what is not there. Counted late
 * on our side, the provider's level is never below `level - pending`: no margin for clocks is needed.
 */
export class TokenBucket extends Meter {
  #level: number
  #at: number
  #rate: number
  readonly #peaks = new Peaks()

  constructor(bucket: Bucket, now: number) {
    super(bucket)
    this.#rate = rateOf(bucket)
    this.#level = this.bucket.capacity
    this.#at = now
  }

  level(now: number): number {
    this.#refill(now)
    return this.#level
  }

  protected refillMs(now: number, amount: number, leave: number): number {
    const lack = amount + leave - this.free(now)
    // During a pause nothing is refilled.
    const untilOpen = Math.max(0, this.#at - now)
    if (lack <= 0) return untilOpen
    const wait = lack / this.#rate + untilOpen
    // A full bucket refills nothing until what is pending has been counted; nobody knows when that is.
    return this.#level + lack > this.bucket.capacity ? Math.max(wait, this.bucket.perMs / 100) : wait
  }

  count(now: number, amount: number): void {
    this.#refill(now)
    this.#peaks.add(now, this.#level)
    this.#level -= amount
  }

  correct(now: number, at: number, charged: number, actual: number): void {
    this.#refill(now)
    if (this.bucket.capacity === Number.POSITIVE_INFINITY) return
    if (actual >= charged) {
      this.#level -= actual - charged
      return
    }
    // Had less been charged then, the bucket would have been full sooner: only what would have fitted is real.
    const peak = Math.max(this.#level, this.#peaks.since(at))
    const refund = Math.min(charged - actual, Math.max(0, this.bucket.capacity - peak))
    this.#level += refund
    this.#peaks.raise(at, refund)
  }

  protected observe(now: number, remaining: number): void {
    this.#refill(now)
    if (this.#level > remaining + this.bucket.capacity / 100) this.#level = remaining
  }

  protected paused(now: number): void {
    this.#refill(now)
    // Empty, and refilled only from when it is open again: or everyone behind the pause is let in at once.
    this.#level = Math.min(this.#level, this.pending)
    this.#at = Math.max(this.#at, this.pausedUntil)
  }

  override resize(now: number, bucket: Bucket): void {
    this.#refill(now)
    const was = this.bucket.capacity
    super.resize(now, bucket)
    this.#rate = rateOf(bucket)
    // What is owed stays owed: the level moves with the capacity. One that was not known has nothing to compare with.
    this.#level = was === Number.POSITIVE_INFINITY ? bucket.capacity : this.#level + bucket.capacity - was
    this.#peaks.add(now, bucket.capacity)
  }

  atRest(now: number): boolean {
    return this.room(now) >= this.bucket.capacity && this.pausedUntil <= now
  }

  /** Without its peaks: they are for refunds, and nobody is left to refund what was charged before. */
  override save(): SavedTokenBucket {
    return { ...super.save(), level: this.#level, at: this.#at }
  }

  override restore(saved: SavedTokenBucket, resumed: Resumed): void {
    super.restore(saved, resumed)
    this.#level = saved.level ?? Number.POSITIVE_INFINITY
    this.#at = saved.at - resumed.backMs
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    this.#level = Math.min(this.bucket.capacity, this.#level + (now - this.#at) * this.#rate)
    this.#at = now
  }
}

function rateOf(bucket: Bucket): number {
  return (bucket.amount ?? bucket.capacity) / bucket.perMs
}

import { Meter } from './meter.ts'
import type { Bucket } from './port.ts'

/** How finely the past is kept for refunds, and how many windows of it. */
const SLOTS_PER_WINDOW = 32
const RING = 64

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
  /** The largest level in each slot of the past, for what a refund may give back. */
  readonly #peaks = new Float64Array(RING)
  #slot = 0
  #slotMs: number

  constructor(bucket: Bucket, now: number) {
    super(bucket)
    this.#rate = rateOf(bucket)
    this.#slotMs = bucket.perMs / SLOTS_PER_WINDOW
    this.#level = this.bucket.capacity
    this.#at = now
    this.#slot = Math.floor(now / this.#slotMs)
    this.#peaks.fill(this.#level)
  }

  room(now: number): number {
    this.#refill(now)
    return this.#level - this.pending
  }

  protected refillMs(now: number, amount: number, leave: number): number {
    // A pause ends later than now: what will have been refilled by then is not refilled yet.
    const level = now > this.#at ? Math.min(this.bucket.capacity, this.#level + (now - this.#at) * this.#rate) : this.#level
    const lack = amount + leave - (level - this.pending)
    if (lack <= 0) return Math.max(0, this.#at - now)
    const wait = lack / this.#rate + Math.max(0, this.#at - now)
    // A full bucket refills nothing until what is pending has been counted; nobody knows when that is.
    return level + lack > this.bucket.capacity ? Math.max(wait, this.bucket.perMs / 100) : wait
  }

  count(now: number, amount: number): void {
    this.#refill(now)
    this.#level -= amount
  }

  correct(now: number, at: number, charged: number, actual: number): void {
    this.#refill(now)
    const refund = charged - actual
    // Had less been charged then, the bucket would have been full sooner: only what would have fitted is real.
    this.#level += refund > 0 ? Math.min(refund, Math.max(0, this.bucket.capacity - this.#peakSince(at))) : refund
  }

  observe(now: number, remaining: number): void {
    this.#refill(now)
    if (this.#level > remaining + this.bucket.capacity / 100) this.#level = remaining
  }

  pause(now: number, forMs: number): void {
    this.#refill(now)
    this.pausedUntil = Math.max(this.pausedUntil, now + forMs)
    // Empty, and refilled only from when it is open again: or everyone behind the pause is let in at once.
    this.#level = Math.min(this.#level, this.pending)
    this.#at = Math.max(this.#at, this.pausedUntil)
  }

  override resize(now: number, bucket: Bucket): void {
    this.#refill(now)
    const was = this.bucket.capacity
    super.resize(now, bucket)
    this.#rate = rateOf(bucket)
    this.#slotMs = bucket.perMs / SLOTS_PER_WINDOW
    this.#slot = Math.floor(now / this.#slotMs)
    // What is owed stays owed: the level moves with the capacity. One that was not known has nothing to compare with.
    this.#level = was === Number.POSITIVE_INFINITY ? bucket.capacity : this.#level + bucket.capacity - was
    this.#peaks.fill(this.bucket.capacity)
  }

  atRest(now: number): boolean {
    return this.room(now) >= this.bucket.capacity && this.pausedUntil <= now
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    this.#level = Math.min(this.bucket.capacity, this.#level + (now - this.#at) * this.#rate)
    this.#at = now
    const slot = Math.floor(now / this.#slotMs)
    if (slot > this.#slot) {
      // Levels only rise between charges, so the slots that nothing happened in peaked at no more than this.
      const from = Math.max(this.#slot + 1, slot - RING + 1)
      for (let passed = from; passed <= slot; passed++) this.#peaks[passed % RING] = this.#level
      this.#slot = slot
    } else if (this.#level > this.#peaks[slot % RING]!) {
      this.#peaks[slot % RING] = this.#level
    }
  }

  #peakSince(at: number): number {
    const slot = Math.floor(at / this.#slotMs)
    if (slot <= this.#slot - RING) return this.bucket.capacity
    let peak = this.#level
    for (let passed = slot; passed <= this.#slot; passed++) peak = Math.max(peak, this.#peaks[passed % RING]!)
    return peak
  }
}

function rateOf(bucket: Bucket): number {
  return (bucket.amount ?? bucket.capacity) / bucket.perMs
}

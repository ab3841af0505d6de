import type { ChargeLine } from './charges.ts'
import type { Rank } from './waiter.ts'

/** How much of a bucket calls of each priority may use, as far as higher ones may need the rest. */
const SHARES = [1, 0.9, 0.7] as const
/** The part of what higher priorities used of late that is kept ready for them in a sliding window. */
const RECENT_PART = 0.05

/** A tenth of ten is one, save in binary. */
const ROUNDING = 1e-6

/**
 * What must stay behind in each of a pool's buckets for higher priorities.
 *
 * In a token bucket a fixed part costs nothing: the rest still drains at the full rate. In a sliding window it would
 * (measured: 20-27 % of the limit), so there no more is kept than higher priorities have used of late.
 */
export class HigherUse {
  readonly #lines: readonly ChargeLine[]
  /** Decayed use by rank 0, and by ranks 0 and 1 together, for each line. */
  readonly #used: [Float64Array, Float64Array]
  readonly #at: Float64Array

  constructor(lines: readonly ChargeLine[]) {
    this.#lines = lines
    this.#used = [new Float64Array(lines.length), new Float64Array(lines.length)]
    this.#at = new Float64Array(lines.length)
  }

  granted(rank: Rank, amounts: readonly number[], now: number): void {
    if (rank === 2) return
    for (let index = 0; index < this.#lines.length; index++) {
      // Slots are given back: they have no rate.
      if (this.#lines[index]!.unit === 'slots') continue
      this.#decay(index, now)
      if (rank === 0) this.#used[0][index]! += amounts[index]!
      this.#used[1][index]! += amounts[index]!
    }
  }

  /** What a call of this rank that takes `amount` must leave of the line's bucket. */
  leave(rank: Rank, index: number, amount: number, now: number): number {
    if (rank === 0) return 0
    const { bucket } = this.#lines[index]!
    // Not learnt yet, so there is nothing to share.
    if (bucket.capacity === Number.POSITIVE_INFINITY) return 0
    // A call larger than its share may still run when nothing else does.
    const most = Math.max(0, Math.min((1 - SHARES[rank]) * bucket.capacity, bucket.capacity - amount))
    if (bucket.algorithm === 'slots') return Math.min(rank, Math.floor(most + ROUNDING))
    // What is kept of a day until its end would be lost.
    if (bucket.algorithm !== 'sliding-window' && bucket.algorithm !== 'quota') return most
    return Math.min(most, RECENT_PART * this.#recent(rank, index, now))
  }

  /** The part of the bucket's rate that higher priorities take. */
  load(rank: Rank, index: number, now: number): number {
    return rank === 0 || this.#lines[index]!.unit === 'slots'
      ? 0
      : this.#recent(rank, index, now) / this.#lines[index]!.bucket.capacity
  }

  #recent(rank: Rank, index: number, now: number): number {
    this.#decay(index, now)
    return this.#used[rank === 1 ? 0 : 1][index]!
  }

  #decay(index: number, now: number): void {
    const elapsed = now - this.#at[index]!
    if (elapsed <= 0) return
    const factor = Math.exp(-elapsed / this.#lines[index]!.bucket.perMs)
    this.#used[0][index]! *= factor
    this.#used[1][index]! *= factor
    this.#at[index] = now
  }
}

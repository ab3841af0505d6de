import { Meter } from './meter.ts'
import type { Bucket } from './port.ts'

/** What is in use at once. Nothing ages: a slot is free when it is given back, or its lease ends. */
export class Slots extends Meter {
  /** After a pause it opens one slot, and doubles with each call that is answered. */
  #ceiling = Number.POSITIVE_INFINITY

  constructor(bucket: Bucket) {
    super(bucket)
  }

  room(): number {
    return Math.min(this.bucket.capacity, this.#ceiling) - this.pending
  }

  protected refillMs(_now: number, amount: number, leave: number): number {
    return this.room() - amount >= leave ? 0 : Number.POSITIVE_INFINITY
  }

  count(): void {
    if (this.#ceiling < this.bucket.capacity) this.#ceiling *= 2
  }

  release(amount: number): void {
    this.pending = Math.max(0, this.pending - amount)
  }

  correct(): void {}

  observe(): void {}

  pause(now: number, forMs: number, largest: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + forMs)
    this.#ceiling = Math.max(1, largest)
  }

  atRest(now: number): boolean {
    return this.pending === 0 && this.pausedUntil <= now && this.#ceiling >= this.bucket.capacity
  }
}

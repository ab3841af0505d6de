import { periodAt } from '../time/calendar.ts'
import type { Span } from '../time/calendar.ts'
import { Meter } from './meter.ts'
import type { Header, Resumed, SavedMeter } from './meter.ts'
import type { Bucket } from './port.ts'
import { guardOf } from './window-meter.ts'

interface SavedQuota extends SavedMeter {
  /** Null without a calendar. */
  readonly start: number | null
  readonly end: number | null
  readonly used: number
}

const FOR_EVER: Span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }

/**
 * Counts up to its amount and starts anew with each calendar period; without a calendar it never does. For budgets of
 * ours: nobody else's clock says when a period begins.
 */
export class Quota extends Meter {
  #period: Span
  #used = 0

  constructor(bucket: Bucket, now: number) {
    super(bucket)
    this.#period = this.#periodAt(now)
  }

  level(now: number): number {
    this.#advance(now)
    return this.bucket.capacity - this.#used
  }

  protected refillMs(now: number, amount: number, leave: number): number {
    if (this.free(now) - amount >= leave) return 0
    return amount + leave > this.bucket.capacity ? Number.POSITIVE_INFINITY : this.#period.end - now
  }

  count(now: number, amount: number): void {
    this.#advance(now)
    this.#used += amount
  }

  correct(now: number, at: number, charged: number, actual: number): void {
    this.#advance(now)
    // A refund goes to the period that was charged; one that is over has nothing to give back. More is never free.
    if (actual > charged || at >= this.#period.start) this.#used = Math.max(0, this.#used + actual - charged)
  }

  override told(now: number, header: Header): void {
    this.#advance(now)
    // One that was asked for before this period may be about the last.
    if (now - header.ageMs >= this.#period.start + guardOf(this.bucket)) super.told(now, header)
  }

  protected observe(now: number, remaining: number): void {
    this.#advance(now)
    const unseen = this.bucket.capacity - remaining - this.#used
    if (unseen > this.bucket.capacity / 100) this.#used += unseen
  }

  protected paused(): void {}

  override resize(now: number, bucket: Bucket): void {
    // What a period that is over has used is not carried into the one that is.
    this.#advance(now)
    super.resize(now, bucket)
    // What was used in this period stays so, however long the new one is.
    this.#period = this.#periodAt(now)
  }

  atRest(now: number): boolean {
    this.#advance(now)
    return this.#used === 0 && this.pending === 0 && this.pausedUntil <= now
  }

  override save(): SavedQuota {
    return { ...super.save(), start: this.#period.start, end: this.#period.end, used: this.#used }
  }

  override restore(saved: SavedQuota, resumed: Resumed): void {
    super.restore(saved, resumed)
    const { start, end, used } = saved
    this.#used = used
    // Counted in a period that has not begun: the clock was wrong then, and it was used in the one that is now.
    if (start === null || end === null || resumed.now < start) return
    this.#period = { start, end }
  }

  #advance(now: number): void {
    if (now < this.#period.end) return
    this.#period = this.#periodAt(now)
    this.#used = 0
  }

  #periodAt(now: number): Span {
    return this.bucket.calendar === undefined ? FOR_EVER : periodAt(now, this.bucket.calendar)
  }
}

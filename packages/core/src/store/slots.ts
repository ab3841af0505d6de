import { Meter } from './meter.ts'
import type { Resumed, SavedMeter } from './meter.ts'

interface SavedSlots extends SavedMeter {
  /** Null where there is none. */
  readonly ceiling: number | null
}

/** How long after a pause it opens slowly. */
const SLOW_START_MS = 60_000

/** What is in use at once. Nothing ages: a slot is free when it is given back, or its lease ends. */
export class Slots extends Meter {
  /** After a pause it opens with one slot, and doubles with each call that is answered. */
  #ceiling = Number.POSITIVE_INFINITY

  level(now: number): number {
    if (now >= this.pausedUntil + SLOW_START_MS) this.#ceiling = Number.POSITIVE_INFINITY
    return Math.min(this.bucket.capacity, this.#ceiling)
  }

  protected refillMs(now: number, amount: number, leave: number): number {
    return this.room(now) - amount >= leave ? 0 : Number.POSITIVE_INFINITY
  }

  count(now: number): void {
    // Answers to what was sent before the pause show nothing of what is borne after it.
    if (now >= this.pausedUntil) this.#ceiling *= 2
  }

  correct(): void {}

  override told(): void {}

  protected observe(): void {}

  protected paused(_now: number, largest: number): void {
    this.#ceiling = Math.max(1, largest)
  }

  atRest(now: number): boolean {
    return this.pending === 0 && this.room(now) >= this.bucket.capacity && this.pausedUntil <= now
  }

  override save(): SavedSlots {
    return { ...super.save(), ceiling: this.#ceiling }
  }

  override restore(saved: SavedSlots, resumed: Resumed): void {
    super.restore(saved, resumed)
    this.#ceiling = saved.ceiling ?? Number.POSITIVE_INFINITY
  }
}

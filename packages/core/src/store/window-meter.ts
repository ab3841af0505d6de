import { Meter } from './meter.ts'
import type { Resumed, SavedMeter } from './meter.ts'
import { Pace } from './pace.ts'
import type { SavedPace } from './pace.ts'
import type { Bucket } from './port.ts'

export interface SavedWindow extends SavedMeter {
  readonly pace?: SavedPace | undefined
}

/** What windows have in common: after the provider turned a call back they open paced. */
export abstract class WindowMeter extends Meter {
  #pace: Pace | undefined

  override hold(now: number, amount: number): void {
    super.hold(now, amount)
    this.#pace?.take(amount)
  }

  protected paused(_now: number, largest: number): void {
    if (this.bucket.capacity < Number.POSITIVE_INFINITY)
      this.#pace = Pace.of(this.bucket, this.pausedUntil, largest)
  }

  /** The pace is kept by all alike: what must stay for higher priorities is left in the window, not in its burst. */
  override fits(now: number, amount: number, leave: number): boolean {
    return super.fits(now, amount, leave) && this.pacedMs(now, amount) <= 0
  }

  override room(now: number): number {
    const free = this.free(now)
    return this.#paceAt(now) === undefined ? free : Math.min(free, this.#pace!.room(now))
  }

  /** Until the pace lets so much through. */
  protected pacedMs(now: number, amount: number): number {
    return this.#paceAt(now)?.waitMs(now, amount) ?? 0
  }

  #paceAt(now: number): Pace | undefined {
    if (this.#pace !== undefined && now >= this.#pace.until) this.#pace = undefined
    return this.#pace
  }

  protected unpaced(now: number): boolean {
    return this.pausedUntil <= now && (this.#pace === undefined || this.#pace.until <= now)
  }

  override save(): SavedWindow {
    return { ...super.save(), pace: this.#pace?.save() }
  }

  override restore(saved: SavedWindow, resumed: Resumed): void {
    super.restore(saved, resumed)
    const { pace } = saved
    const { backMs } = resumed
    if (pace !== undefined)
      this.#pace = new Pace({ ...pace, until: pace.until - backMs, at: pace.at - backMs })
  }
}

/** The provider's clock and ours may differ by this much, and a little more. */
export function guardOf(bucket: Bucket): number {
  return bucket.guardMs ?? Math.min(500, bucket.perMs / 100)
}

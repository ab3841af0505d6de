import { Meter } from './meter.ts'
import { Pace } from './pace.ts'
import type { Bucket } from './port.ts'

/** What windows have in common: after the provider turned a call back they open paced. */
export abstract class WindowMeter extends Meter {
  #pace: Pace | undefined

  override hold(now: number, amount: number): void {
    super.hold(now, amount)
    this.#pace?.take(amount)
  }

  pause(now: number, forMs: number, largest: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + forMs)
    if (this.bucket.capacity < Number.POSITIVE_INFINITY)
      this.#pace = new Pace(this.bucket, this.pausedUntil, largest)
  }

  protected paced(now: number, room: number): number {
    if (this.#pace === undefined) return room
    if (now < this.#pace.until) return Math.min(room, this.#pace.room(now))
    this.#pace = undefined
    return room
  }

  protected pacedMs(now: number, amount: number): number {
    return this.#pace?.waitMs(now, amount) ?? 0
  }

  protected unpaced(now: number): boolean {
    return this.pausedUntil <= now && (this.#pace === undefined || this.#pace.until <= now)
  }
}

/** The provider's clock and ours may differ by this much, and a little more. */
export function guardOf(bucket: Bucket): number {
  return bucket.guardMs ?? Math.min(500, bucket.perMs / 100)
}

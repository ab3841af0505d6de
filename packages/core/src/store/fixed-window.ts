import type { Header, Resumed } from './meter.ts'
import type { Bucket } from './port.ts'
import { SlidingWindow } from './sliding-window.ts'
import type { SavedSlidingWindow } from './sliding-window.ts'
import { guardOf, WindowMeter } from './window-meter.ts'
import type { SavedWindow } from './window-meter.ts'

interface SavedFixedWindow extends SavedWindow {
  readonly phase?: number | undefined
  readonly window: number
  readonly used: number
  readonly sliding?: SavedSlidingWindow | undefined
}

/**
 * Empties at once when a window ends. Where the provider's windows begin is learnt from its headers; until then it
 * is counted as sliding, which is safe wherever they begin.
 */
export class FixedWindow extends WindowMeter {
  #phase: number | undefined
  #window = 0
  #used = 0
  /** Stands in until the phase is known. */
  #sliding: SlidingWindow | undefined

  constructor(bucket: Bucket, now: number) {
    super(bucket)
    if (bucket.phaseMs === undefined) this.#sliding = new SlidingWindow(bucket, now)
    else this.#begin(now, bucket.phaseMs)
  }

  override fits(now: number, amount: number, leave: number): boolean {
    // What is kept for higher priorities is let go of as the window runs out: kept to its end it would be lost
    // (measured: 10-14 % of the limit).
    return super.fits(now, amount, leave * this.#leftOfWindow(now))
  }

  level(now: number): number {
    if (this.#sliding !== undefined) return this.#sliding.level(now)
    this.#advance(now)
    return this.bucket.capacity - this.#used
  }

  override free(now: number): number {
    const free = super.free(now)
    return this.#sliding === undefined && this.#closedMs(now) > 0 ? Math.min(0, free) : free
  }

  protected refillMs(now: number, amount: number, leave: number): number {
    const paced = this.pacedMs(now, amount)
    if (this.#sliding !== undefined) {
      return Math.max(paced, this.#sliding.waitMs(now, amount + this.pending + this.doubt, leave))
    }
    const unkept = super.free(now)
    const { capacity, perMs } = this.bucket
    const kept = leave * this.#leftOfWindow(now)
    if (amount <= unkept - kept) return Math.max(paced, this.#closedMs(now))
    const windows = Math.max(1, Math.ceil((amount - Math.max(0, unkept)) / capacity))
    const untilNext = this.#endOfWindow() - now + guardOf(this.bucket) + (windows - 1) * perMs
    // Fits this window later, when less of it is kept.
    const decayed = leave > 0 && amount <= unkept ? (1 - (unkept - amount) / leave) * perMs : Infinity
    const here = decayed - (now - (this.#endOfWindow() - perMs))
    return Math.max(paced, Math.min(untilNext, Math.max(here, perMs / 1000)))
  }

  count(now: number, amount: number): void {
    if (this.#sliding !== undefined) return this.#sliding.count(now, amount)
    this.#advance(now)
    this.#used += amount
  }

  correct(now: number, at: number, charged: number, actual: number): void {
    if (this.#sliding !== undefined) return this.#sliding.correct(now, at, charged, actual)
    this.#advance(now)
    // A refund goes to the window that was charged; one that is over has nothing to give back.
    if (actual > charged || at >= this.#endOfWindow() - this.bucket.perMs) {
      this.#used = Math.max(0, this.#used + actual - charged)
    }
  }

  override told(now: number, header: Header): void {
    const { resetMs, ageMs } = header
    if (resetMs !== undefined && resetMs > 0 && resetMs <= this.bucket.perMs) this.#learn(now, now + resetMs)
    // One that was asked for before this window may be about the last: what was left of that one says nothing of this.
    if (this.#phase !== undefined && now - ageMs < this.#opened(now)) return
    super.told(now, header)
  }

  protected observe(now: number, remaining: number): void {
    if (this.#sliding !== undefined) return this.#sliding.observe(now, remaining)
    this.#advance(now)
    const unseen = this.bucket.capacity - remaining - this.#used
    if (unseen > this.bucket.capacity / 100) this.#used += unseen
  }

  override resize(now: number, bucket: Bucket): void {
    this.#sliding?.resize(now, bucket)
    // What a window that is over has used is not carried into the one that is.
    if (this.#phase !== undefined) this.#advance(now)
    const rephased = bucket.perMs !== this.bucket.perMs
    super.resize(now, bucket)
    if (this.#phase !== undefined && rephased) this.#begin(now, this.#phase)
  }

  atRest(now: number): boolean {
    return this.pending === 0 && this.room(now) >= this.bucket.capacity && this.unpaced(now)
  }

  override save(): SavedFixedWindow {
    return {
      ...super.save(),
      phase: this.#phase,
      window: this.#window,
      used: this.#used,
      sliding: this.#sliding?.save(),
    }
  }

  override restore(saved: SavedFixedWindow, resumed: Resumed): void {
    super.restore(saved, resumed)
    const { now, backMs } = resumed
    if (saved.sliding !== undefined) return this.#sliding!.restore(saved.sliding, resumed)
    // When the provider's windows end was learnt by a clock that has been set back: it is to be learnt again.
    if (backMs > 0 && this.bucket.phaseMs === undefined) return this.#sliding!.count(now, saved.used)
    this.#sliding = undefined
    this.#phase = saved.phase
    this.#window = Math.min(saved.window, this.#windowAt(now))
    this.#used = saved.used
  }

  /**
   * A header that was read late makes the window seem to end late, never early: so an earlier end is believed, and
   * a later one only creeps in, in case the clocks drift apart.
   */
  #learn(now: number, end: number): void {
    const { perMs } = this.bucket
    if (this.#phase === undefined) {
      const used = this.#sliding?.usedSince(now, end - perMs) ?? 0
      this.#begin(now, end)
      this.#used = used
      this.#sliding = undefined
      return
    }
    let later = (end - this.#phase) % perMs
    if (later > perMs / 2) later -= perMs
    if (later < -perMs / 2) later += perMs
    this.#advance(now)
    this.#phase += later < 0 ? later : later / 100
    this.#window = this.#windowAt(now)
  }

  #begin(now: number, phase: number): void {
    this.#phase = phase
    this.#window = this.#windowAt(now)
  }

  #windowAt(now: number): number {
    return Math.floor((now - this.#phase!) / this.bucket.perMs)
  }

  #endOfWindow(): number {
    return this.#phase! + (this.#window + 1) * this.bucket.perMs
  }

  /** When the provider surely counted in this window. */
  #opened(now: number): number {
    this.#advance(now)
    const guard = this.bucket.phaseMs === undefined ? guardOf(this.bucket) : 0
    return this.#endOfWindow() - this.bucket.perMs + guard
  }

  #advance(now: number): void {
    const window = this.#windowAt(now)
    if (window <= this.#window) return
    this.#window = window
    this.#used = 0
  }

  /** Around a boundary nobody knows on which side of it the provider will count. */
  #closedMs(now: number): number {
    // Windows that we define ourselves have no second clock.
    if (this.bucket.phaseMs !== undefined) return 0
    const guard = guardOf(this.bucket)
    const left = this.#endOfWindow() - now
    if (left < guard) return left + guard
    const begun = this.bucket.perMs - left
    return begun < guard ? guard - begun : 0
  }

  #leftOfWindow(now: number): number {
    if (this.#phase === undefined) return 1
    this.#advance(now)
    return Math.max(0, Math.min(1, (this.#endOfWindow() - now) / this.bucket.perMs))
  }
}

import { Claims } from './claims.ts'
import { Lows } from './lows.ts'
import type { SavedLow } from './lows.ts'
import type { Bucket } from './port.ts'

/** What an answer's headers said of a limit. */
export interface Header {
  readonly remaining: number
  /** Until the window ends, or the bucket is full. */
  readonly resetMs: number | undefined
  /** How long ago the call behind it was sent. */
  readonly ageMs: number
}

/**
 * What a meter is made of besides its bucket, plain enough for JSON, which has no infinities: it makes null of them.
 * What has not been yet is left out.
 */
export interface SavedMeter {
  readonly pending: number
  readonly doubt: number
  readonly unsettled?: number | undefined
  readonly sharedUntil?: number | null | undefined
  readonly pausedUntil?: number | null | undefined
  readonly lows?: readonly SavedLow[] | undefined
}

/** When what was saved is taken up again. */
export interface Resumed {
  readonly now: number
  /** How far the clock has been set back since, if it has: what was to come is then as far away as it was. */
  readonly backMs: number
}

/** Amounts are whole; what is refilled is not, and sums of it are off by far less than this. */
export const ROUNDING = 1e-6
/** When some of what is pending may be settled: who waits for it asks again then. */
const SETTLED_MS = 2_500
/** How long it is remembered that somebody else uses the limit: while it is, more of what they take cannot be told. */
const SHARED_WINDOWS = 10
/** A header about a call that was sent longer ago than this part of the window is only half believed. */
const STALE_PART = 1 / 20

/**
 * The level of one bucket, whatever its algorithm. A charge is *pending* from its reservation until the provider is
 * known to have counted it, and only then does it age: measured against a provider with 20-200 ms of jitter, charges
 * that age from when they were sent meet 80-150 rate limits where these meet none.
 */
export abstract class Meter {
  bucket: Bucket
  /** Of what is in use at once: nothing is used up. */
  readonly isSlots: boolean
  /** Reserved and not yet known to be counted by the provider. */
  pending = 0
  /**
   * How much of what is pending a header may have counted already: it said that less is left than we think, and nobody
   * knows whether that is what is pending or somebody else. Until the pending calls are answered it is taken to be
   * somebody else; each of them clears its own part up, and brings a header of its own.
   */
  doubt = 0
  /** Counted for calls that are under way: some of it may come back. */
  unsettled = 0
  /** Until then somebody else is known to use the limit too, and what is in doubt is taken to be theirs. */
  #sharedUntil = Number.NEGATIVE_INFINITY
  pausedUntil = Number.NEGATIVE_INFINITY
  readonly claims = new Claims()
  /** Of what headers may be about. */
  readonly #lows: Lows | undefined

  constructor(bucket: Bucket) {
    this.bucket = bucket
    this.isSlots = bucket.algorithm === 'slots'
    if (bucket.forgettable !== true && !this.isSlots) this.#lows = new Lows()
  }

  /** What would be left if nothing were pending. */
  abstract level(now: number): number

  /** What is neither used nor held; negative where more was used than there was. */
  free(now: number): number {
    return this.level(now) - this.pending - this.doubt
  }

  /** What could be taken now. */
  room(now: number): number {
    return this.free(now)
  }

  /** Whether `amount` fits and `leave` would stay behind. */
  fits(now: number, amount: number, leave: number): boolean {
    return now >= this.pausedUntil && this.free(now) - amount >= leave - ROUNDING
  }

  /** Until it fits, if nobody else takes any. Never 0 for what does not fit now. */
  waitMs(now: number, amount: number, leave: number): number {
    return Math.max(this.#openMs(now, amount, leave), this.pausedUntil - now, 0)
  }

  #openMs(now: number, amount: number, leave: number): number {
    // One whose limit is not known yet waits for nothing but a pause.
    if (this.bucket.capacity === Number.POSITIVE_INFINITY) return 0
    const refillMs = this.refillMs(now, amount, leave)
    return refillMs > SETTLED_MS && this.#mayBeRefunded(now, amount, leave) ? SETTLED_MS : refillMs
  }

  /** Whether it would fit if the calls under way used nothing. */
  #mayBeRefunded(now: number, amount: number, leave: number): boolean {
    if (this.bucket.estimated !== true || this.pending + this.unsettled < ROUNDING) return false
    return this.level(now) + this.unsettled - amount >= leave - ROUNDING
  }

  /** As `waitMs`, were there no pause. `amount` may be more than the capacity: several windows. */
  protected abstract refillMs(now: number, amount: number, leave: number): number

  /** Takes `amount`, to be counted later. */
  hold(now: number, amount: number): void {
    this.pending += amount
    this.#lows?.add(now, this.level(now) - this.pending)
  }

  /** What was held is held no more, and was not counted. */
  drop(now: number, amount: number): void {
    const left = this.pending - amount
    // Sums of fractions leave a rest that would never go.
    this.pending = left < ROUNDING ? 0 : left
    const certain = this.doubt - this.pending
    if (certain <= 0) return
    // What was in doubt about a call that was never sent was somebody else's after all.
    this.doubt = this.pending
    this.observe(now, this.level(now) - certain)
  }

  /** What was counted for a call is what it used, or was corrected to be. */
  settled(charged: number): void {
    this.unsettled = Math.max(0, this.unsettled - charged)
  }

  /** What was held is now counted. */
  settleDoubt(amount: number): void {
    this.doubt = Math.max(0, this.doubt - amount)
  }

  /**
   * A header said that so much was left. More is never believed. Whether what is pending was counted in it or not, it is
   * certain that no more than the two together is left; how much less is in doubt.
   *
   * @param ageMs how long ago the call behind it was sent: of an old one most of what is pending now was not in it
   */
  told(now: number, { remaining: was, ageMs }: Header): void {
    const isFresh = ageMs <= this.bucket.perMs * STALE_PART
    const tolerance = this.bucket.capacity / 100
    const free = this.level(now) - this.pending
    // What came free since the call was sent, by time or by a refund, the provider may not have known of.
    const low = this.#lows?.since(now - ageMs) ?? free
    const freed = low < free ? free - low : 0
    if (free - freed - was > tolerance) this.#sharedUntil = now + SHARED_WINDOWS * this.bucket.perMs
    // Where others take from the limit, that is taken to be theirs.
    const isShared = now < this.#sharedUntil
    const remaining = isShared ? was : was + freed
    this.observe(now, isShared && isFresh ? remaining : remaining + this.pending)
    if (!isFresh) return
    const less = this.level(now) - remaining
    this.doubt = less > tolerance ? Math.min(less, this.pending) : 0
  }

  /** `amount`, no longer pending or never so, was counted now. */
  abstract count(now: number, amount: number): void

  /** What was counted as `charged` at `at` was really `actual`. */
  abstract correct(now: number, at: number, charged: number, actual: number): void

  /** No more than this can be left. */
  protected abstract observe(now: number, remaining: number): void

  /** The provider turned a call back. `largest` is the largest single call, which must still get through. */
  pause(now: number, forMs: number, largest: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + forMs)
    // By our own count there was room.
    this.#sharedUntil = now + SHARED_WINDOWS * this.bucket.perMs
    this.paused(now, largest)
  }

  /** After `pausedUntil` is set: it opens slowly. */
  protected abstract paused(now: number, largest: number): void

  resize(_now: number, bucket: Bucket): void {
    this.bucket = bucket
  }

  /** Nothing would be lost by forgetting it: a new one would be just the same. */
  abstract atRest(now: number): boolean

  /** At rest, and nothing is known of who else uses it. */
  asNew(now: number): boolean {
    return now >= this.#sharedUntil && this.atRest(now)
  }

  /** All but the bucket, and the claims: whoever waits does not outlive the process. */
  save(): SavedMeter {
    return {
      pending: this.pending,
      doubt: this.doubt,
      unsettled: this.unsettled === 0 ? undefined : this.unsettled,
      sharedUntil: savedInstant(this.#sharedUntil),
      pausedUntil: savedInstant(this.pausedUntil),
      lows: this.#lows?.save(),
    }
  }

  /** Of a new one, makes what was saved. */
  restore(saved: SavedMeter, { backMs }: Resumed): void {
    this.pending = saved.pending
    this.doubt = saved.doubt
    this.unsettled = saved.unsettled ?? 0
    this.#sharedUntil = restoredInstant(saved.sharedUntil) - backMs
    this.pausedUntil = restoredInstant(saved.pausedUntil) - backMs
    this.#lows?.restore(saved.lows ?? [], backMs)
  }
}

function savedInstant(at: number): number | undefined {
  return at === Number.NEGATIVE_INFINITY ? undefined : at
}

function restoredInstant(at: number | null | undefined): number {
  if (at === undefined) return Number.NEGATIVE_INFINITY
  return at ?? Number.POSITIVE_INFINITY
}

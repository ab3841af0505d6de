import type { Bucket } from '@plimsoll/core'
import type { Demand } from './demand.ts'
import type { SliceNow, SliceTold } from './lease-op.ts'
import { Ledger } from './ledger.ts'
import type { Batch } from './ledger.ts'

/** Amounts are whole; sums of fractions are off by far less than this. */
const ROUNDING = 1e-6
/** A slice is enough for this many periods like the last: what is not used goes back. */
const PERIODS = 4
/** One that serves fewer calls than this saves nothing. */
export const LEAST_CALLS = 4
/** Drawn on for no longer than this part of its lease in the store, or calls drawn last would outlive it. */
const LEASE_PART = 1 / 4
/** The lease is renewed when this part of it has passed. */
const RENEW_PART = 1 / 8

export interface SliceTerms {
  /** The part of the bucket that may lie here unused. */
  readonly share: number
  readonly ttlMs: number
}

/**
 * What this process holds of one bucket, and may admit from by itself. Held is always what is free, drawn, and still to be
 * told of: `held = free + drawn + dropped + returned + parted`.
 */
export class Slice {
  bucket: Bucket
  readonly demand: Demand
  readonly ledger = new Ledger()
  readonly #terms: SliceTerms
  /** Of the store's knowledge, once it knows what it was told last. */
  held = 0
  free = 0
  /** Calls that have drawn on it, and are not over. */
  open = 0
  born = ''
  #until = Number.NEGATIVE_INFINITY
  /** The lowest priority that may draw on it. */
  #rank = 0
  #leaseMs = 0
  #toldAt = Number.NEGATIVE_INFINITY
  #renew = false
  /** Below it more is asked for. */
  #low = 0
  #askAgainAt = Number.NEGATIVE_INFINITY
  #sent: { readonly at: number; readonly told: SliceTold; readonly batch: Batch | undefined } | undefined
  /** Stopped while the store was asked: what it gives is not to be used. */
  #stopped = false

  constructor(bucket: Bucket, demand: Demand, terms: SliceTerms) {
    this.bucket = bucket
    this.demand = demand
    this.#terms = terms
  }

  offers(amount: number, rank: number, now: number): boolean {
    if (amount === 0) return true
    return amount <= this.free + ROUNDING && rank <= this.#rank && now < this.#until
  }

  draw(amount: number, leaseMs: number): void {
    this.open++
    this.free -= amount
    if (leaseMs > this.#leaseMs) this.#leaseMs = leaseMs
  }

  /** Whether it is worth a trip right now. */
  isLow(now: number): boolean {
    return this.free < this.#low && now >= this.#askAgainAt
  }

  /** It was to be drawn on, and could not be. */
  missed(amount: number, leaseMs: number): void {
    if (leaseMs > this.#leaseMs) this.#leaseMs = leaseMs
    this.#low = Math.max(this.#low, ROUNDING)
    // There was enough of it, but not for that priority, or not any more.
    if (amount > 0 && amount <= this.free) this.#renew = true
  }

  /** The store had no room for it a moment ago. */
  isResting(now: number): boolean {
    return now < this.#askAgainAt
  }

  get drawnUntil(): number {
    return this.free > 0 ? this.#until : Number.POSITIVE_INFINITY
  }

  /** Drawn, and not used. */
  giveBack(amount: number, now: number): void {
    if (now < this.#until) this.free += amount
    else this.ledger.giveBack(amount)
  }

  /** A call of it is alive: its lease must not run out. */
  renew(now: number): void {
    if (now - this.#toldAt >= this.#leaseMs * RENEW_PART) this.#renew = true
  }

  get needsRenewal(): boolean {
    return this.#renew
  }

  /** Nothing more is drawn on it until the store has been asked again, and that not soon. */
  stop(now: number): void {
    this.#until = Number.NEGATIVE_INFINITY
    this.#stopped = true
    this.#askAgainAt = now + this.#terms.ttlMs
  }

  /** It is of no use here, and is not to wait. */
  isToReturn(now: number): boolean {
    return this.free > 0 && now >= this.#until && now < this.#askAgainAt
  }

  get isToTell(): boolean {
    return this.#renew || !this.ledger.isEmpty
  }

  get isIdle(): boolean {
    return this.held === 0 && this.open === 0 && this.#sent === undefined && this.ledger.isEmpty
  }

  /** Used, and not told of, or told and not heard. */
  get untold(): number {
    return this.ledger.counted + (this.#sent?.told.counted ?? 0)
  }

  /** What is to be told of it; undefined when nothing is. */
  tell(now: number): SliceTold | undefined {
    const want = this.#want(now)
    this.#low = want / 2
    this.#returnRest(want, now)
    const mayAsk = want > 0 && now >= this.#askAgainAt && this.free < want / 2
    const wanted = mayAsk ? Math.ceil(want - this.free) : 0
    const isOver = this.free > 0 && now >= this.#until
    if (wanted === 0 && !isOver && !this.isToTell) return undefined
    const { batch, parted, ...entry } = this.ledger.take()
    const { rank, leave } = this.demand.lowest(now)
    const told: SliceTold = {
      ...entry,
      bucket: this.bucket,
      born: this.born,
      wanted,
      least: Math.min(wanted, LEAST_CALLS * this.demand.mean(now)),
      rank,
      leave,
      leaseMs: this.#leaseMs,
    }
    const held = this.held - told.dropped - told.returned - parted
    this.held = held < ROUNDING ? 0 : held
    this.#sent = { at: now, told, batch }
    this.#toldAt = now
    this.#stopped = false
    this.#renew = false
    return told
  }

  /** The store has heard it. False when the store holds less than it should: it took this process for dead, or forgot. */
  heard({ held, born, wanted, kept }: SliceNow, at: number, now: number): boolean {
    const sent = this.#sent!
    this.#sent = undefined
    if (sent.batch !== undefined) sent.batch.at = at
    const given = held - this.held
    if (given < -ROUNDING || (this.born !== '' && born !== this.born)) return false
    this.born = born
    this.held = held
    this.free += given
    if (kept) this.#rank = sent.told.rank
    if (sent.told.wanted > 0 && given <= 0) this.#askAgainAt = now + this.#terms.ttlMs
    if (wanted) this.stop(now)
    if (!this.#stopped) {
      const ttlMs = Math.min(this.#terms.ttlMs, this.#leaseMs * LEASE_PART)
      this.#until = sent.at + ttlMs
    }
    return true
  }

  /** Whether others may have a chance by what was just told. */
  get gaveRoom(): boolean {
    const told = this.#sent?.told
    if (told === undefined) return false
    return (
      told.returned > 0 ||
      told.counted < told.dropped ||
      told.corrections.some(({ charged, actual }) => actual < charged)
    )
  }

  /** How much should lie here unused; 0 where a slice would save nothing. */
  #want(now: number): number {
    if (!this.demand.isHot(now)) return 0
    const want = Math.min(
      Math.floor(this.#terms.share * this.bucket.capacity),
      Math.ceil(PERIODS * this.demand.amount(now)),
    )
    return want < LEAST_CALLS * this.demand.mean(now) ? 0 : want
  }

  #returnRest(want: number, now: number): void {
    const isOver = now >= this.#until && (want === 0 || now < this.#askAgainAt)
    const rest = isOver ? this.free : want > 0 && this.free > 2 * want ? this.free - want : 0
    this.free -= rest
    this.ledger.giveBack(rest)
  }
}

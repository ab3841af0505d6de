import type { Bucket, ReservationId, ReserveOp, Told } from '@plimsoll/core'
import type { Open } from '../missed.ts'
import { Drawn } from './drawn.ts'
import { Heat } from './heat.ts'
import type { LeaseAnswer, LeaseOp, Part, SliceTold } from './lease-op.ts'
import { LEAST_CALLS, Slice } from './slice.ts'
import type { SliceTerms } from './slice.ts'

/** Slices that one process holds at most: what so many are asked for at once is asked for by trip. */
const MOST_SLICES = 256

export type OfReservation = Extract<Told, { id: ReservationId }>

/** How soon the store is to be told. */
export type Urgency = 'now' | 'soon' | undefined

/**
 * What one process may admit by itself: slices of buckets that are asked for again and again, taken before they are needed.
 * Owns no time and makes no trip: what the store is to be told is fetched with `tell`, one question at a time, and its answer
 * goes to `heard`.
 */
export class Slices {
  readonly #terms: SliceTerms
  readonly #heat: Heat
  readonly #slices = new Map<string, Slice>()
  readonly #drawn = new Map<ReservationId, Drawn>()
  #parts: Part[] = []
  /** On its way: told again as it is, for it may have arrived. */
  #out: { readonly op: LeaseOp; readonly slices: readonly Slice[] } | undefined
  #seq = 0
  #urgency: Urgency

  constructor(terms: SliceTerms) {
    this.#terms = terms
    this.#heat = new Heat(terms.ttlMs)
  }

  get urgency(): Urgency {
    return this.#urgency
  }

  /** Slices that are held: for tests of what leaks. */
  get size(): number {
    return this.#slices.size
  }

  /** What is on its way, or was not heard. */
  get out(): LeaseOp | undefined {
    return this.#out?.op
  }

  /** When something is to go back that nobody has used. */
  get nextExpiry(): number {
    let next = Number.POSITIVE_INFINITY
    for (const slice of this.#slices.values()) next = Math.min(next, slice.drawnUntil)
    return next
  }

  has(id: ReservationId): boolean {
    return this.#drawn.has(id)
  }

  openOf(id: ReservationId): ReserveOp | undefined {
    return this.#drawn.get(id)?.op
  }

  /** Whether any of a bucket is held here. */
  holds(key: string): boolean {
    return (this.#slices.get(key)?.held ?? 0) > 0
  }

  /** What of a bucket lies here unused. */
  free(key: string, now: number): number {
    const slice = this.#slices.get(key)
    return slice !== undefined && now < slice.drawnUntil ? slice.free : 0
  }

  /** Whether it is granted here, at once; if not, the store is to be asked, and nothing was taken. */
  reserve(op: ReserveOp, now: number): boolean {
    const { buckets, amounts, rank } = op
    const slices: Slice[] = []
    // One that is nested may borrow a slot of what only the store knows.
    let isHot = op.parent === undefined
    let isHere = isHot
    for (let index = 0; index < buckets.length; index++) {
      const { key, capacity } = buckets[index]!
      const slice = this.#slices.get(key)
      const demand = slice === undefined ? this.#heat.of(key, now) : slice.demand
      if (demand === undefined || !demand.ask(now)) isHot = false
      if (!this.#mayHold(capacity, amounts[index]!) || slice?.isResting(now) === true) isHot = false
      if (slice === undefined || !slice.offers(amounts[index]!, rank, now)) isHere = false
      else slices.push(slice)
    }
    // Slices of some of its buckets are of no use: of all, or of none.
    const wanted = isHot && !isHere ? buckets.map((bucket) => this.#sliceOf(bucket, now)) : slices
    if (isHere) this.#drawn.set(op.id, new Drawn(op, slices))
    if (isHot) this.#want(op, wanted, isHere, now)
    return isHere
  }

  /** Something came of what was granted here. */
  told(op: OfReservation, now: number): void {
    const drawn = this.#drawn.get(op.id)
    if (drawn === undefined) return
    if (op.type === 'refresh') {
      if (drawn.renew(now)) this.#urgency ??= 'soon'
      return
    }
    this.#urgency ??= 'soon'
    if (op.type === 'acknowledge') drawn.acknowledge()
    else if (op.type === 'release-slots') drawn.releaseSlots(now)
    else {
      if (op.type === 'settle') drawn.settle(op.amounts, op.refund, now)
      else drawn.cancel(now)
      this.#drawn.delete(op.id)
    }
  }

  /** Nothing is drawn on these until the store has been asked again. What is not used goes back. */
  stop(keys: Iterable<string>, now: number): void {
    for (const key of keys) {
      const slice = this.#slices.get(key)
      if (slice === undefined) continue
      slice.stop(now)
      this.#urgency = 'now'
    }
  }

  /** All that is not used goes back. */
  leave(now: number): void {
    this.stop(this.#slices.keys(), now)
  }

  /** The store has begun anew with these. */
  forget(isMeant: (key: string) => boolean): void {
    for (const key of this.#slices.keys()) if (isMeant(key)) this.#slices.delete(key)
  }

  /** The store is to keep it by itself from now on; told with all else. Not while something is on its way. */
  part(id: ReservationId): Open {
    const drawn = this.#drawn.get(id)!
    this.#drawn.delete(id)
    this.#parts.push(drawn.part())
    this.#urgency = 'now'
    return { reserve: drawn.op, acknowledged: drawn.acknowledged }
  }

  /** What the store is to be told now; undefined where it is nothing, or something is on its way. */
  tell(now: number): LeaseOp | undefined {
    if (this.#out !== undefined) return undefined
    this.#urgency = undefined
    const slices: Slice[] = []
    const told: SliceTold[] = []
    for (const [key, slice] of this.#slices) {
      const one = slice.tell(now)
      if (one !== undefined) {
        slices.push(slice)
        told.push(one)
      } else if (slice.isIdle && !slice.demand.isHot(now)) this.#slices.delete(key)
    }
    if (told.length === 0 && this.#parts.length === 0) return undefined
    const op: LeaseOp = { type: 'lease', seq: ++this.#seq, slices: told, parts: this.#parts }
    this.#parts = []
    this.#out = { op, slices }
    return op
  }

  /** Returns the buckets in which others have a chance now. */
  heard(answer: LeaseAnswer, now: number): readonly string[] {
    const { slices } = this.#out!
    this.#out = undefined
    const freed: string[] = []
    for (const [index, slice] of slices.entries()) {
      const { key } = slice.bucket
      if (slice.gaveRoom) freed.push(key)
      const isKept = slice.heard(answer.slices[index]!, answer.at, now)
      if (!isKept && this.#slices.get(key) === slice) this.#slices.delete(key)
      if (slice.isLow(now) || slice.isToReturn(now)) this.#urgency = 'now'
      else if (slice.isToTell) this.#urgency ??= 'soon'
    }
    return freed
  }

  /** What was told cannot be done: nothing is held of what it was about, as far as anybody knows. */
  failed(): void {
    for (const slice of this.#out?.slices ?? []) {
      const { key } = slice.bucket
      if (this.#slices.get(key) === slice) this.#slices.delete(key)
    }
    this.#out = undefined
  }

  /**
   * The store has lost all that it held: it is to hold again what is open, and to be told what was used. Nothing is left
   * here.
   */
  abandon(): {
    readonly open: readonly Open[]
    readonly used: readonly { bucket: Bucket; amount: number }[]
  } {
    const all = new Set([...this.#slices.values(), ...(this.#out?.slices ?? [])])
    const used = Array.from(all, ({ bucket, untold }) => ({ bucket, amount: untold }))
    const open = Array.from(this.#drawn.values(), ({ op, acknowledged }) => ({ reserve: op, acknowledged }))
    this.#slices.clear()
    this.#drawn.clear()
    this.#parts = []
    this.#out = undefined
    this.#urgency = undefined
    return { open, used }
  }

  /** Whether a slice of such a bucket could serve several such calls. */
  #mayHold(capacity: number, amount: number): boolean {
    return LEAST_CALLS * amount <= this.#terms.share * capacity
  }

  #want(
    { buckets, amounts, leaves, rank, leaseMs }: ReserveOp,
    slices: readonly (Slice | undefined)[],
    isHere: boolean,
    now: number,
  ): void {
    for (let index = 0; index < buckets.length; index++) {
      const slice = slices[index]
      if (slice === undefined) continue
      const amount = amounts[index]!
      // Another capacity, or another period of a calendar.
      slice.bucket = buckets[index]!
      slice.demand.want(amount, rank, leaves[index]!)
      if (!isHere && !slice.offers(amount, rank, now)) slice.missed(amount, leaseMs)
      if (slice.needsRenewal || slice.isLow(now)) this.#urgency = 'now'
    }
  }

  #sliceOf(bucket: Bucket, now: number): Slice | undefined {
    let slice = this.#slices.get(bucket.key)
    if (slice === undefined) {
      const demand = this.#heat.of(bucket.key, now)
      if (demand === undefined || this.#slices.size >= MOST_SLICES) return undefined
      slice = new Slice(bucket, demand, this.#terms)
      this.#slices.set(bucket.key, slice)
    }
    return slice
  }
}

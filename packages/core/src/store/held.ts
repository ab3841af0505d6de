import type { Leased } from './lease-list.ts'
import type { Meter } from './meter.ts'
import type { ReservationId, ReserveOp } from './port.ts'

/** What one reservation held. */
export interface SavedReservation {
  readonly id: number
  /** False of one that is over but for the slot that it lends. */
  readonly open: boolean
  /** By their ids. JSON has null for those that have none: they were forgotten meanwhile. */
  readonly buckets: readonly (number | null | undefined)[]
  readonly amounts: readonly number[]
  readonly leaseUntil: number
  readonly counted: boolean
  readonly slotsOpen: boolean
  /** Whose slot it uses, where it uses none of its own. */
  readonly lender?: number | undefined
}

/** What one reservation holds in a store. */
export class Held implements Leased {
  readonly id: ReservationId
  readonly meters: readonly Meter[]
  readonly amounts: readonly number[]
  readonly leaseMs: number
  leaseUntil = 0
  leaseBefore: Leased | undefined = undefined
  leaseAfter: Leased | undefined = undefined
  /** When the provider was known to have counted it; NaN until then. */
  countedAt = Number.NaN
  #slotsOpen = true
  /** Whose slot it uses; who uses its own. */
  readonly #lender: Held | undefined
  /** The reservation of the call that this one is made inside of. */
  readonly #parent: Held | undefined
  #borrower: Held | undefined = undefined

  constructor(
    op: Pick<ReserveOp, 'id' | 'leaseMs'>,
    meters: readonly Meter[],
    {
      amounts,
      parent,
      lender,
    }: { amounts: readonly number[]; parent: Held | undefined; lender: Held | undefined },
  ) {
    this.id = op.id
    this.meters = meters
    this.amounts = amounts
    this.leaseMs = op.leaseMs
    this.#parent = parent
    this.#lender = lender
    if (lender !== undefined) lender.#borrower = this
  }

  /** The nearest of it and its ancestors that holds a slot of one of these, if it does not lend it already. */
  lenderOf(wanted: (meter: Meter) => boolean): Held | undefined {
    const isUsing = this.#slotsOpen || this.#borrower !== undefined
    if (!isUsing || !this.meters.some((meter) => meter.isSlots && wanted(meter)))
      return this.#parent?.lenderOf(wanted)
    return this.#slotsOpen && this.#borrower === undefined ? this : undefined
  }

  get slotsOpen(): boolean {
    return this.#slotsOpen
  }

  get lender(): Held | undefined {
    return this.#lender
  }

  /** Its slot is used by another, which may outlive it. */
  get lends(): boolean {
    return this.#borrower !== undefined
  }

  lendsTo(held: Held): boolean {
    return this.#borrower === held
  }

  /** Of a new one, makes what was saved. */
  restore({ counted, slotsOpen }: SavedReservation, now: number): void {
    if (counted) this.countedAt = now
    this.#slotsOpen = slotsOpen
  }

  acknowledge(now: number): void {
    if (this.#isCounted) return
    this.countedAt = now
    for (let index = 0; index < this.meters.length; index++) {
      const meter = this.meters[index]!
      const charged = this.amounts[index]!
      if (meter.isSlots) meter.count(now, charged)
      else if (meter.bucket.live !== true) {
        countHeld(meter, now, charged, charged)
        meter.unsettled += charged
      }
    }
  }

  /** Replaces what was reserved by what was used. */
  settle(now: number, actual: readonly number[], refund: boolean): void {
    const wasCounted = this.#isCounted
    for (let index = 0; index < this.meters.length; index++) {
      const meter = this.meters[index]!
      const charged = this.amounts[index]!
      if (meter.isSlots) {
        if (!wasCounted) meter.count(now, charged)
        continue
      }
      const used = refund ? actual[index]! : Math.max(actual[index]!, charged)
      if (!wasCounted || meter.bucket.live === true) {
        countHeld(meter, now, charged, used)
        continue
      }
      meter.settled(charged)
      if (used !== charged) meter.correct(now, this.countedAt, charged, used)
    }
    this.closeSlots(now)
  }

  /** Gives back everything. */
  cancel(now: number): void {
    for (let index = 0; index < this.meters.length; index++) {
      const meter = this.meters[index]!
      if (meter.isSlots) continue
      const charged = this.amounts[index]!
      if (!this.#isCounted || meter.bucket.live === true) {
        meter.drop(now, charged)
        continue
      }
      meter.settled(charged)
      meter.correct(now, this.countedAt, charged, 0)
    }
    this.closeSlots(now)
  }

  get #isCounted(): boolean {
    return !Number.isNaN(this.countedAt)
  }

  closeSlots(now: number): void {
    if (!this.#slotsOpen) return
    this.#slotsOpen = false
    // A borrower outlives its lender now and then; the slot is in use until both have ended.
    if (this.#borrower === undefined) this.#freeSlots(now)
  }

  #freeSlots(now: number): void {
    for (let index = 0; index < this.meters.length; index++) {
      const meter = this.meters[index]!
      if (meter.isSlots) meter.drop(now, this.amounts[index]!)
    }
    const lender = this.#lender
    if (lender === undefined) return
    lender.#borrower = undefined
    if (!lender.#slotsOpen) lender.#freeSlots(now)
  }
}

/** What was held is held no more: so much of it was used. */
function countHeld(meter: Meter, now: number, charged: number, used: number): void {
  meter.settleDoubt(charged)
  meter.drop(now, charged)
  meter.count(now, used)
}

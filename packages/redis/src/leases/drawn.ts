import type { ReserveOp } from '@plimsoll/core'
import type { Part } from './lease-op.ts'
import type { Batch } from './ledger.ts'
import type { Slice } from './slice.ts'

/** A reservation that was granted from slices. */
export class Drawn {
  readonly op: ReserveOp
  readonly #slices: readonly Slice[]
  /** With whom it was counted, by position; undefined until it was. */
  #batches: (Batch | undefined)[] | undefined
  #slotsOpen = true

  constructor(op: ReserveOp, slices: readonly Slice[]) {
    this.op = op
    this.#slices = slices
    for (let index = 0; index < slices.length; index++) slices[index]!.draw(op.amounts[index]!, op.leaseMs)
  }

  get acknowledged(): boolean {
    return this.#batches !== undefined
  }

  acknowledge(): void {
    if (this.#batches !== undefined) return
    const { buckets, amounts } = this.op
    const batches: (Batch | undefined)[] = []
    for (let index = 0; index < buckets.length; index++) {
      const { live, algorithm } = buckets[index]!
      let batch: Batch | undefined
      if (live !== true) {
        if (algorithm === 'slots') this.#slices[index]!.ledger.answered(1)
        else batch = this.#slices[index]!.ledger.count(amounts[index]!)
      }
      batches.push(batch)
    }
    this.#batches = batches
  }

  settle(actual: readonly number[], refund: boolean, now: number): void {
    this.acknowledge()
    const { amounts } = this.op
    for (let index = 0; index < amounts.length; index++) {
      if (this.#isSlots(index)) continue
      const charged = amounts[index]!
      const used = refund ? actual[index]! : Math.max(actual[index]!, charged)
      const batch = this.#batches![index]
      if (batch === undefined) this.#slices[index]!.ledger.replace(charged, used)
      else this.#slices[index]!.ledger.correct(batch, charged, used)
    }
    this.#close(now)
  }

  cancel(now: number): void {
    const { amounts } = this.op
    for (let index = 0; index < amounts.length; index++) {
      if (this.#isSlots(index)) continue
      const batch = this.#batches?.[index]
      if (batch === undefined) this.#slices[index]!.giveBack(amounts[index]!, now)
      else this.#slices[index]!.ledger.correct(batch, amounts[index]!, 0)
    }
    this.#close(now)
  }

  releaseSlots(now: number): void {
    if (!this.#slotsOpen) return
    this.#slotsOpen = false
    const { amounts } = this.op
    for (let index = 0; index < amounts.length; index++) {
      if (this.#isSlots(index)) this.#slices[index]!.giveBack(amounts[index]!, now)
    }
  }

  /** Its process shows that it is alive. Whether the store should hear of it. */
  renew(now: number): boolean {
    for (const slice of this.#slices) slice.renew(now)
    return this.#slices.some(({ needsRenewal }) => needsRenewal)
  }

  /** From now on it is no part of the slices: the store keeps it by itself. */
  part(): Part {
    const { id, leaseMs, buckets, amounts } = this.op
    const batches = this.#batches
    const counted = batches?.filter((batch) => batch !== undefined)
    const told = counted?.find(({ at }) => !Number.isNaN(at))
    const isUntold = told === undefined && counted !== undefined && counted.length > 0
    const entries = buckets.map(({ key, algorithm }, index) => {
      const slice = this.#slices[index]!
      const slots = algorithm === 'slots'
      const batch = batches?.[index]
      if (isUntold && batch !== undefined) slice.ledger.uncount(amounts[index]!)
      if (isUntold && slots) slice.ledger.answered(-1)
      const amount = slots && !this.#slotsOpen ? 0 : amounts[index]!
      const held = batch === undefined || isUntold
      if (held) slice.ledger.part(amount)
      slice.open--
      return { key, born: slice.born, amount, held, slots }
    })
    // Of what is counted when it is settled nobody needs to know since when it is acknowledged.
    const since = batches === undefined ? undefined : (told?.at ?? 0)
    return { id, leaseMs, counted: isUntold ? 'now' : since, slotsOpen: this.#slotsOpen, entries }
  }

  #close(now: number): void {
    this.releaseSlots(now)
    for (const slice of this.#slices) slice.open--
  }

  #isSlots(index: number): boolean {
    return this.op.buckets[index]!.algorithm === 'slots'
  }
}

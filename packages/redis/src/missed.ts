import type { Bucket, ReservationId, ReserveOp, Told } from '@plimsoll/core'
import type { Missed as MissedOp } from './words.ts'

/** A reservation that is open, and whether its provider has counted it. */
export interface Open {
  readonly reserve: ReserveOp
  acknowledged: boolean
}

/** What is kept for a store that is away: beyond it the oldest goes, and its lease settles it at its estimate. */
const MOST_TOLD = 100_000
/** Buckets that are charged in one operation. */
const MOST_AT_ONCE = 100

/** Of no use later: it runs out by itself, or says how things were. */
const PASSING: ReadonlySet<Told['type']> = new Set(['refresh', 'unclaim', 'unlead', 'observe'])

type Send = (op: Told | MissedOp) => Promise<unknown>

/** What a store that is away has missed, in the order in which it must be told. */
export class Missed {
  /** It may have granted these, and nobody heard of it. */
  readonly #unheard = new Set<ReservationId>()
  readonly #toAdopt = new Map<ReservationId, Open>()
  /** With the reservation that it ends. */
  readonly #told = new Map<Told, Open | undefined>()
  readonly #used = new Map<string, { readonly bucket: Bucket; amount: number }>()
  /** On its way: told again as it is, for it may have arrived. */
  #charge: Extract<MissedOp, { type: 'charge' }> | undefined
  #charges = 0

  get size(): number {
    const charges = this.#used.size + (this.#charge === undefined ? 0 : 1)
    return this.#unheard.size + this.#toAdopt.size + this.#told.size + charges
  }

  unheard(id: ReservationId): void {
    this.#unheard.add(id)
  }

  adopt(open: Open): void {
    this.#toAdopt.set(open.reserve.id, open)
  }

  /** To be told, now or later; `ends` is what it settles. */
  tell(op: Told, ends?: Open): void {
    if (this.#told.size >= MOST_TOLD) this.#told.delete(this.#told.keys().next().value!)
    this.#told.set(op, ends)
  }

  /** The store has lost all that it held: what is settled now must be there first. */
  adoptSettled(): void {
    for (const ends of this.#told.values()) if (ends !== undefined) this.adopt(ends)
  }

  /** It has arrived, or is of no use any more. */
  heard(op: Told): void {
    this.#told.delete(op)
  }

  failed(op: Told): void {
    if (PASSING.has(op.type)) this.#told.delete(op)
  }

  /** Used without the store, and over. */
  used(buckets: readonly Bucket[], amounts: readonly number[]): void {
    for (const [index, bucket] of buckets.entries()) {
      const amount = amounts[index]!
      if (bucket.algorithm === 'slots' || amount === 0) continue
      const entry = this.#used.get(bucket.key)
      if (entry === undefined) this.#used.set(bucket.key, { bucket, amount })
      else entry.amount += amount
    }
  }

  /** Tells one round of it; more may have come meanwhile. Rejects where the store is away again, and loses nothing then. */
  async deliver(send: Send): Promise<void> {
    await each(this.#unheard, async (id) => {
      await send({ type: 'cancel', id })
      this.#unheard.delete(id)
    })
    await each(this.#toAdopt.values(), async (open) => {
      await send({ type: 'adopt', reserve: open.reserve })
      if (open.acknowledged) await send({ type: 'acknowledge', id: open.reserve.id })
      this.#toAdopt.delete(open.reserve.id)
    })
    await each(this.#told.keys(), async (op) => {
      await send(op)
      this.#told.delete(op)
    })
    while (this.#charge !== undefined || this.#used.size > 0) {
      this.#charge ??= this.#nextCharge()
      await send(this.#charge)
      this.#charge = undefined
    }
  }

  #nextCharge(): Extract<MissedOp, { type: 'charge' }> {
    const some = [...this.#used.values()].slice(0, MOST_AT_ONCE)
    for (const { bucket } of some) this.#used.delete(bucket.key)
    const amounts = some.map(({ amount }) => amount)
    return { type: 'charge', id: ++this.#charges, buckets: some.map(({ bucket }) => bucket), amounts }
  }
}

/** All at once, in their order: the connection keeps it. Rejects only when all have ended. */
async function each<T>(all: Iterable<T>, fn: (one: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(Array.from(all, fn))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

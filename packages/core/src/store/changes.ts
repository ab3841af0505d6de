import type { Held, SavedReservation } from './held.ts'
import type { Meter } from './meter.ts'
import type { Bucket } from './port.ts'
import type { StoreChanges } from './saved.ts'

/** The highest that were given. */
export interface LastIds {
  readonly lastBucket: number
  readonly lastReservation: number
}

export interface ChangesOptions extends LastIds {
  /** The meter that is in use under a key. */
  readonly known: (key: string) => Meter | undefined
  readonly isOpen: (held: Held) => boolean
}

/**
 * What changed in a store since that was last taken. Noted as marks, one for each operation; what they come to is read off
 * when it is taken, all at one moment: a reservation and what it holds of its buckets are never apart.
 */
export class Changes {
  readonly #options: ChangesOptions
  readonly #held = new Set<Held>()
  readonly #meters = new Set<Meter>()
  /** Of those that were taken once. */
  readonly #ids = new WeakMap<Meter, number>()
  readonly #definitions = new WeakMap<Meter, Bucket>()
  readonly #reservations = new Set<number>()
  #lastBucket: number
  #at = Number.NEGATIVE_INFINITY

  constructor(options: ChangesOptions) {
    this.#options = options
    this.#lastBucket = options.lastBucket
  }

  /** Those of a life before this one. */
  knowsBucket(meter: Meter, id: number): void {
    this.#ids.set(meter, id)
    this.#definitions.set(meter, meter.bucket)
  }

  knowsReservation(id: number): void {
    this.#reservations.add(id)
  }

  at(now: number): void {
    if (now > this.#at) this.#at = now
  }

  /** It, and each of its buckets. */
  reservation(held: Held): void {
    this.#held.add(held)
  }

  bucket(meter: Meter): void {
    this.#meters.add(meter)
  }

  /** Undefined when there is nothing. */
  take(): StoreChanges | undefined {
    if (this.#held.size === 0 && this.#meters.size === 0) return undefined
    // What a call gives back may be the slot that another has lent it.
    for (const held of this.#held) if (held.lender !== undefined) this.#held.add(held.lender)
    for (const { meters } of this.#held) for (const meter of meters) this.#meters.add(meter)
    const taken: Mutable<StoreChanges> = {
      at: this.#at,
      buckets: [],
      forgotten: [],
      reservations: [],
      ended: [],
    }
    for (const meter of this.#meters) this.#takeBucket(meter, taken)
    for (const held of this.#held) this.#takeReservation(held, taken)
    this.#held.clear()
    this.#meters.clear()
    return taken
  }

  #takeBucket(meter: Meter, { buckets, forgotten }: Mutable<StoreChanges>): void {
    const { bucket } = meter
    const known = this.#ids.get(meter)
    if (this.#options.known(bucket.key) !== meter) {
      this.#ids.delete(meter)
      if (known !== undefined) forgotten.push(known)
      return
    }
    const id = known ?? ++this.#lastBucket
    if (known === undefined) this.#ids.set(meter, id)
    const isDefined = this.#definitions.get(meter) === bucket
    if (!isDefined) this.#definitions.set(meter, bucket)
    buckets.push({ id, bucket: isDefined ? undefined : bucket, state: meter.save() })
  }

  #takeReservation(held: Held, { reservations, ended }: Mutable<StoreChanges>): void {
    const id = this.#idOf(held)
    const open = this.#options.isOpen(held)
    if (open || held.lends) {
      this.#reservations.add(id)
      reservations.push(this.#saved(held, id, open))
    } else if (this.#reservations.delete(id)) ended.push(id)
  }

  #saved(held: Held, id: number, open: boolean): SavedReservation {
    const { meters, amounts, leaseUntil, countedAt, slotsOpen, lender } = held
    return {
      id,
      open,
      // One that was forgotten meanwhile has none, and nothing to be told.
      buckets: meters.map((meter) => this.#ids.get(meter)),
      amounts,
      leaseUntil,
      counted: !Number.isNaN(countedAt),
      slotsOpen,
      lender: lender?.lendsTo(held) === true ? this.#idOf(lender) : undefined,
    }
  }

  /** Processes number their reservations from 1, each anew. Those of an earlier one are known by what they are saved as. */
  #idOf({ id }: Held): number {
    return id < 0 ? -id : this.#options.lastReservation + id
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

import type { Held, SavedReservation } from './held.ts'
import type { Meter } from './meter.ts'
import type { Bucket } from './port.ts'
import type { SavedBucket, StoreChanges } from './saved.ts'

/** How many marks are made before it is looked what is behind them. */
const MARKS = 10_000

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
  #forgotten: number[] = []
  #ended: number[] = []
  #lastBucket: number
  #at = Number.NEGATIVE_INFINITY
  #mostMarks = MARKS

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

  /** What is kept until it is taken: for tests of what grows. */
  get marks(): number {
    return this.#held.size + this.#meters.size + this.#forgotten.length + this.#ended.length
  }

  at(now: number): void {
    if (now > this.#at) this.#at = now
  }

  /** It, and each of its buckets. */
  reservation(held: Held): void {
    this.#held.add(held)
    if (this.#held.size > this.#mostMarks) this.#sweep()
  }

  bucket(meter: Meter): void {
    this.#meters.add(meter)
    if (this.#meters.size > this.#mostMarks) this.#sweep()
  }

  /** Undefined when there is nothing. */
  take(): StoreChanges | undefined {
    this.#sweep()
    const forgotten = this.#forgotten
    const ended = this.#ended
    if (this.#held.size + this.#meters.size + forgotten.length + ended.length === 0) return undefined
    const buckets = Array.from(this.#meters, (meter) => this.#savedBucket(meter))
    const reservations = Array.from(this.#held, (held) => this.#saved(held))
    this.#held.clear()
    this.#meters.clear()
    this.#forgotten = []
    this.#ended = []
    this.#mostMarks = MARKS
    return { at: this.#at, buckets, forgotten, reservations, ended }
  }

  /** Of what is gone no more is kept than its id: however long nobody takes it, marks are as many as there is in use. */
  #sweep(): void {
    // What a call gives back may be the slot that another has lent it.
    for (const { lender } of this.#held) if (lender !== undefined) this.#held.add(lender)
    for (const held of this.#held) {
      for (const meter of held.meters) this.#meters.add(meter)
      if (this.#options.isOpen(held) || held.lends) continue
      this.#held.delete(held)
      const id = this.#idOf(held)
      if (this.#reservations.delete(id)) this.#ended.push(id)
    }
    for (const meter of this.#meters) {
      if (this.#options.known(meter.bucket.key) === meter) continue
      this.#meters.delete(meter)
      const id = this.#ids.get(meter)
      if (this.#ids.delete(meter)) this.#forgotten.push(id!)
    }
    this.#mostMarks = Math.max(MARKS, 2 * Math.max(this.#held.size, this.#meters.size))
  }

  #savedBucket(meter: Meter): SavedBucket {
    const { bucket } = meter
    let id = this.#ids.get(meter)
    if (id === undefined) this.#ids.set(meter, (id = ++this.#lastBucket))
    const isDefined = this.#definitions.get(meter) === bucket
    if (!isDefined) this.#definitions.set(meter, bucket)
    return { id, bucket: isDefined ? undefined : bucket, state: meter.save() }
  }

  /** Its buckets have ids by now. */
  #saved(held: Held): SavedReservation {
    const id = this.#idOf(held)
    this.#reservations.add(id)
    const { meters, amounts, leaseUntil, countedAt, slotsOpen, lender } = held
    return {
      id,
      open: this.#options.isOpen(held),
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

import type { Bucket, Op, ReservationId, ReserveOp } from '@plimsoll/core'
import type { RedisScript } from '../redis-script.ts'
import type { LeaseAnswer, LeaseOp } from './lease-op.ts'
import type { SliceTerms } from './slice.ts'
import { Slices } from './slices.ts'
import type { OfReservation } from './slices.ts'

/** What a provider saw of one call. */
export interface Sent {
  readonly bucket: Bucket
  amount: number
  /** When it counted it; undefined while it has not. */
  at: number | undefined
  /** Of slots: until it was over. */
  isOver: boolean
}

/** One call that is in flight in a process. */
interface Flight {
  readonly id: ReservationId
  readonly op: ReserveOp
  readonly sent: readonly Sent[]
  isAcknowledged: boolean
  refreshedAt: number
}

/** One process of those that share buckets: it asks as `SharedStore` does, and its questions arrive and are answered when told to. */
export class Process {
  readonly flights: Flight[] = []
  readonly slices: Slices
  readonly #script: RedisScript
  readonly #log: Sent[]
  /** How wrong its clock is. */
  readonly #offMs: number
  #arrived: LeaseAnswer | undefined
  drawn = 0

  constructor(script: (offMs: number) => RedisScript, offMs: number, terms: SliceTerms, log: Sent[]) {
    this.#script = script(offMs)
    this.#offMs = offMs
    this.slices = new Slices(terms)
    this.#log = log
  }

  async reserve(op: ReserveOp, now: number): Promise<boolean> {
    const isHere = this.slices.reserve(op, now + this.#offMs)
    if (isHere) this.drawn++
    else if ((await this.#ask(op, now)).kind !== 'granted') {
      this.slices.stop(
        op.buckets.map(({ key }) => key),
        now + this.#offMs,
      )
      return false
    }
    const sent = op.buckets.map((bucket, index): Sent => ({
      bucket,
      amount: op.amounts[index]!,
      at: undefined,
      isOver: false,
    }))
    this.#log.push(...sent)
    this.flights.push({ id: op.id, op, sent, isAcknowledged: false, refreshedAt: now })
    return true
  }

  /** Its provider counts it, and later says so. */
  counted(flight: Flight | undefined, now: number): void {
    for (const one of flight?.sent ?? []) one.at ??= now
  }

  async acknowledge(flight: Flight | undefined, now: number): Promise<void> {
    if (flight === undefined || flight.isAcknowledged) return
    this.counted(flight, now)
    flight.isAcknowledged = true
    await this.#tell({ type: 'acknowledge', id: flight.id }, now)
  }

  async settle(
    flight: Flight | undefined,
    part: number,
    { refund, now }: { refund: boolean; now: number },
  ): Promise<void> {
    if (flight === undefined) return
    this.counted(flight, now)
    const amounts = flight.op.amounts.map((amount) => Math.floor(amount * part))
    for (const [index, one] of flight.sent.entries()) {
      if (one.bucket.algorithm === 'slots') one.isOver = true
      else one.amount = refund ? amounts[index]! : Math.max(amounts[index]!, one.amount)
    }
    this.#over(flight)
    await this.#tell({ type: 'settle', id: flight.id, amounts, refund }, now)
  }

  /** Never sent. */
  async cancel(flight: Flight | undefined, now: number): Promise<void> {
    if (flight === undefined || flight.sent.some(({ at }) => at !== undefined)) return
    for (const one of flight.sent) {
      one.isOver = true
      one.amount = 0
    }
    this.#over(flight)
    await this.#tell({ type: 'cancel', id: flight.id }, now)
  }

  async releaseSlots(flight: Flight | undefined, now: number): Promise<void> {
    for (const one of flight?.sent ?? []) if (one.bucket.algorithm === 'slots') one.isOver = true
    if (flight !== undefined) await this.#tell({ type: 'release-slots', id: flight.id }, now)
  }

  async refresh(flight: Flight | undefined, now: number): Promise<void> {
    if (flight === undefined) return
    await this.#tell({ type: 'refresh', id: flight.id }, now)
    flight.refreshedAt = now
    if (this.slices.urgency === undefined) return
    // It is told soon, whatever is on its way.
    for (let times = 0; times < 2; times++) {
      // oxlint-disable-next-line no-await-in-loop -- one word after the other
      await this.arrives(now)
      this.answered(now)
    }
  }

  /** A call is made inside of it. */
  async part(flight: Flight | undefined, now: number): Promise<void> {
    if (flight === undefined) return
    if (this.slices.out !== undefined) {
      await this.arrives(now)
      this.answered(now)
    }
    if (!this.slices.has(flight.id)) return
    this.slices.part(flight.id)
    await this.arrives(now)
  }

  /** It is gone, with all that it held. */
  dies(now: number): void {
    for (const flight of this.flights.splice(0)) {
      this.counted(flight, now)
      for (const one of flight.sent) one.isOver = true
    }
  }

  async pause(buckets: readonly Bucket[], now: number): Promise<void> {
    this.slices.stop(
      buckets.map(({ key }) => key),
      now + this.#offMs,
    )
    await this.#ask({ type: 'pause', buckets, forMs: 300, largest: buckets.map(() => 10) }, now)
  }

  /** Its word arrives, and its answer is on the way back; or it is told again, where that was lost. */
  async arrives(now: number): Promise<void> {
    const op: LeaseOp | undefined = this.slices.out ?? this.slices.tell(now + this.#offMs)
    if (op !== undefined) this.#arrived = (await this.#script.ask(op, now + this.#offMs)).answer
  }

  answered(now: number): void {
    if (this.#arrived === undefined || this.slices.out === undefined) return
    this.slices.heard(this.#arrived, now + this.#offMs)
    this.#arrived = undefined
  }

  /** Everything is told, and heard. */
  async quiet(now: number): Promise<void> {
    for (let times = 0; times < 4; times++) {
      // oxlint-disable-next-line no-await-in-loop -- one word after the other
      await this.arrives(now)
      this.answered(now)
      if (times === 0) this.slices.leave(now + this.#offMs)
    }
  }

  #over(flight: Flight): void {
    this.flights.splice(this.flights.indexOf(flight), 1)
  }

  async #tell(op: OfReservation, now: number): Promise<void> {
    if (this.slices.has(op.id)) this.slices.told(op, now + this.#offMs)
    else await this.#ask(op, now)
  }

  async #ask(op: Op, now: number): Promise<{ readonly kind: string }> {
    return (await this.#script.ask(op, now + this.#offMs)).answer
  }
}

import type { Cancel, Clock, ReservationId, ReserveOp, StoreFailure, Told } from '@plimsoll/core'
import type { Open } from '../missed.ts'
import { Headers } from './headers.ts'
import type { ObserveOp } from './headers.ts'
import { isFor } from './holder.ts'
import type { LeaseAnswer, LeaseOp } from './lease-op.ts'
import type { SliceTerms } from './slice.ts'
import { Slices } from './slices.ts'
import type { OfReservation } from './slices.ts'

/** What has come of calls is told after this, all at once: until then it is counted as still to come. */
const TELL_MS = 25
/** But where slices are short, in this part of their time. */
const TELL_PART = 1 / 4
/** Buckets that somebody here was refused, at most: beyond that whoever waits asks by itself. */
const MOST_AWAITED = 1_000

export interface LeasesParts {
  readonly terms: SliceTerms
  readonly clock: Clock
  /** Sends at once. Undefined where the store is lost. */
  ask(op: LeaseOp): Promise<LeaseAnswer | StoreFailure | undefined>
  /** Sent at once, and once. */
  observe(op: ObserveOp, now: number): void
  /** Somebody here who was refused may have a chance now. */
  freed(keys: readonly string[]): void
  /** From now on the store knows it by itself. */
  parted(open: Open): void
}

/** Tells the store what this process did by itself, and takes slices before they are needed. */
export class Leases {
  readonly #parts: LeasesParts
  readonly #slices: Slices
  readonly #tellMs: number
  /** To be called when the store has heard what it knows nothing of yet. */
  #untold: (() => void)[] = []
  readonly #headers = new Headers()
  readonly #awaited = new Set<string>()
  #asking: Promise<void> | undefined
  #alarm: { readonly at: number; readonly isSoon: boolean; readonly cancel: Cancel } | undefined

  constructor(parts: LeasesParts) {
    this.#parts = parts
    this.#slices = new Slices(parts.terms)
    this.#tellMs = Math.min(TELL_MS, parts.terms.ttlMs * TELL_PART)
  }

  /** Whether it is granted, without a trip. */
  reserve(op: ReserveOp): boolean {
    const isHere = this.#slices.reserve(op, this.#now())
    // Where the store is asked next, it is to know all that it is asked about.
    if (!isHere || this.#slices.urgency === 'now') void this.tell()
    return isHere
  }

  has(id: ReservationId): boolean {
    return this.#slices.has(id)
  }

  /** What was asked for in it. */
  openOf(id: ReservationId): ReserveOp | undefined {
    return this.#slices.openOf(id)
  }

  /** Of what was granted here. `done` is called when the store knows, where it is to know. */
  told(op: OfReservation, done: () => void): void {
    this.#slices.told(op, this.#now())
    const isLast = op.type === 'settle' || op.type === 'cancel'
    if (isLast && !this.#isCut) this.#untold.push(done)
    else done()
    this.#act()
  }

  /** The store is about to be told this of buckets. False where it will be, later. */
  about(op: Exclude<Told, { id: ReservationId }>): boolean {
    const now = this.#now()
    switch (op.type) {
      case 'observe':
        return !this.#observe(op, now)
      case 'pause':
        this.#slices.stop(keysOf(op), now)
        break
      case 'resize':
        this.#slices.stop([op.bucket.key], now)
        break
      case 'forget':
        this.#slices.forget((key) => op.keys.includes(key))
        break
      case 'forget-holder':
        this.#slices.forget((key) => isFor(key, op.holder))
        break
      case 'unclaim':
      case 'unlead':
        return true
    }
    this.#act()
    return true
  }

  /** The store has no room for somebody here: what lies here unused goes back, and others are told when it has. */
  refused(keys: readonly string[]): void {
    for (const key of keys) if (this.#awaited.size < MOST_AWAITED) this.#awaited.add(key)
    this.#slices.stop(keys, this.#now())
    this.#act()
  }

  /** What of a bucket lies here unused. */
  free(key: string): number {
    return this.#slices.free(key, this.#now())
  }

  /** A call is made inside of it, and may borrow what it holds: the store must know it. Where that is lost, it need not. */
  async part(id: ReservationId): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- it may be asked again meanwhile
    while (this.#asking !== undefined) await this.#asking
    if (this.#isCut || !this.#slices.has(id)) return
    this.#parts.parted(this.#slices.part(id))
    void this.tell()
  }

  leave(): void {
    this.#slices.leave(this.#now())
    this.#act()
  }

  /** The store has lost all that it held. */
  abandon(): ReturnType<Slices['abandon']> {
    const left = this.#slices.abandon()
    for (const done of this.#untold.splice(0)) done()
    return left
  }

  /** Tells a store that is back what it did not hear. Rejects where it is away again, and loses nothing then. */
  async deliver(send: (op: LeaseOp) => Promise<unknown>): Promise<void> {
    const { out } = this.#slices
    if (out === undefined) return
    const answer = await send(out)
    if (this.#slices.out === out) this.#heard(answer as LeaseAnswer | { kind: 'done' })
  }

  /** The store can be reached again. */
  resume(): void {
    const { out } = this.#slices
    if (out === undefined || this.#asking !== undefined) this.#act()
    else this.#asking = this.#ask(out, [])
  }

  /** Tells the store all there is, at once, if it is not being told already. Resolves when what is on its way was heard. */
  tell(): Promise<void> | undefined {
    if (this.#asking !== undefined) return this.#asking
    const now = this.#now()
    const op = this.#slices.tell(now)
    if (op !== undefined) this.#asking = this.#ask(op, this.#untold.splice(0))
    // What was given back to slices concerns nobody else.
    else for (const done of this.#untold.splice(0)) done()
    for (const header of this.#headers.take(now)) this.#parts.observe(header, now)
    this.#setAlarm(now)
    return this.#asking
  }

  async #ask(op: LeaseOp, dones: readonly (() => void)[]): Promise<void> {
    const answer = await this.#parts.ask(op)
    this.#asking = undefined
    if (answer !== undefined && this.#slices.out === op) this.#heard(answer)
    for (const done of dones) done()
    if (this.#isCut) for (const done of this.#untold.splice(0)) done()
    this.#act()
  }

  #heard(answer: LeaseAnswer | StoreFailure | { readonly kind: 'done' }): void {
    if (answer.kind !== 'leased') return this.#slices.failed()
    const freed = this.#slices.heard(answer, this.#now())
    const awaited = freed.filter((key) => this.#awaited.delete(key))
    if (awaited.length > 0) this.#parts.freed(awaited)
  }

  /** What was told was not heard, and nobody waits for the store until it is back. Then it is told all. */
  get #isCut(): boolean {
    return this.#asking === undefined && this.#slices.out !== undefined
  }

  /** Whether it waits until the store is told of what it is about. */
  #observe(op: ObserveOp, now: number): boolean {
    if (!this.#slices.holds(op.bucket.key)) return false
    this.#headers.note(op, now)
    this.#setAlarm(now)
    return true
  }

  #act(): void {
    if (this.#slices.urgency === 'now') void this.tell()
    else this.#setAlarm(this.#now())
  }

  #setAlarm(now: number): void {
    if (this.#asking !== undefined || this.#isCut) return
    const isSoon = this.#slices.urgency !== undefined || this.#headers.size > 0
    const at = isSoon ? now + this.#tellMs : this.#slices.nextExpiry
    const alarm = this.#alarm
    if (at === Number.POSITIVE_INFINITY) return
    if (alarm !== undefined && alarm.at <= at && (alarm.isSoon || !isSoon)) return
    alarm?.cancel()
    const ring = (): void => {
      this.#alarm = undefined
      void this.tell()
    }
    // What was used keeps the process until it is told. What was not would go back too, but is not worth that.
    this.#alarm = { at, isSoon, cancel: this.#parts.clock.timer(Math.max(0, at - now), ring, !isSoon) }
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}

function keysOf({ buckets }: Extract<Told, { type: 'pause' }>): string[] {
  return buckets.map(({ key }) => key)
}

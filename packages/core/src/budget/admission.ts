import type { Attributes } from '../call/attributes.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import type { Gate } from '../call/gate.ts'
import type { QueueGauge } from '../call/gauge.ts'
import type { Failure } from '../call/outcome.ts'
import type { Reservation } from '../call/ticket.ts'
import type { Usage } from '../call/usage.ts'
import type { Clock } from '../time/clock.ts'
import { monotonic } from '../time/monotonic.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import type { AnswerTo, Op, ReservationId, Store, Told } from '../store/port.ts'
import { Announcer } from './announcer.ts'
import type { Asking } from './asking.ts'
import { Asks } from './asks.ts'
import type { AsksOptions, Refusal } from './asks.ts'
import { BegunRuns } from './begun-runs.ts'
import type { BudgetSource } from './budget-source.ts'
import { Budgets } from './budgets.ts'
import type { Headroom, Verdict } from './decision.ts'
import { countedHit } from './hit.ts'
import type { Admitter } from './admitter.ts'
import type { Expected } from './expected-wait.ts'
import type { Pool } from './pool.ts'
import { storeUnavailable, waitTooLong } from './refusals.ts'
import { Leases } from './leases.ts'
import { LimitFeedback } from './limit-feedback.ts'
import { Lookups } from './lookups.ts'
import { HeldReservation } from './reservation.ts'
import type { Keeper } from './reservation.ts'
import { RETRY_MS, Sender } from './sender.ts'
import type { Target } from './target.ts'
import type { TenantLine } from './tenant-line.ts'
import { Waiter } from './waiter.ts'
import type { Ask, WaiterOwner } from './waiter.ts'

/** The store's own lease is for processes that are gone: it outlives ours, which is for calls that are. */
const STORE_LEASE = 1.5
type PeekOp = Extract<Op, { type: 'peek' }>

/** Ids are unique in the process, so that several may share a store in memory. */
let lastId = 0

export interface AdmissionOptions extends AsksOptions {
  readonly clock: Clock
  readonly store: Store
  readonly events: Events
  readonly budgets: BudgetSource
  readonly leaseMs: number
  readonly gate: Gate
  /** A call waits no more, or holds nothing more. */
  readonly onEnded: () => void
}

/** Gives out tickets, and keeps what was granted until it is settled. The one place where budgets meet a store. */
export class Admission implements Admitter, Keeper, WaiterOwner {
  readonly clock: Clock
  readonly store: Store
  readonly runs = new BegunRuns()
  readonly sender: Sender
  readonly feedback: LimitFeedback
  readonly storeLeaseMs: number
  readonly now: () => number
  readonly #options: AdmissionOptions
  readonly #asks: Asks
  readonly #leases: Leases
  readonly #lookups: Lookups
  readonly #announce: Announcer
  readonly #pools = new Set<Pool>()
  /** Reservations that try whether their target is back, and those inside of them. */
  readonly #probes = new Map<ReservationId, string>()
  /** Stops listening to a shared store. */
  readonly #unwatch: (() => void) | undefined
  #open = 0
  #closed = false

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#asks = new Asks(options.budgets, options)
    this.clock = options.clock
    this.store = options.store
    this.storeLeaseMs = options.leaseMs * STORE_LEASE
    this.now = monotonic(() => options.clock.now())
    this.#announce = new Announcer(options.events, this.now)
    const { clock, now } = this
    this.sender = new Sender({ store: this.store, clock, now, onFailed: (error) => this.storeFailed(error) })
    this.feedback = new LimitFeedback({ clock, now, sender: this.sender, announce: this.#announce })
    this.#lookups = new Lookups({ clock, now, reject: (waiter, error) => this.#reject(waiter, error) })
    this.#leases = new Leases({ clock: this.clock, now: this.now, leaseMs: options.leaseMs }, (expired) => {
      this.#announce.leaseExpired(expired.waiter)
      expired.settle({}, 'at-least')
      expired.waiter.ask.purpose.onAbandoned?.()
    })
    this.#unwatch = this.store.watch?.({
      freed: (keys) => this.#freedElsewhere(keys),
      lost: (instead, error) => this.#announce.storeLost(instead, error),
      regained: () => this.#announce.storeRegained(),
    })
  }

  /** Reservations that are neither settled nor cancelled. */
  get open(): number {
    return this.#open
  }

  get waiting(): number {
    let waiting = this.#lookups.size
    for (const pool of this.#pools) waiting += pool.room.size
    return waiting
  }

  /** Each queue as it is now. */
  queues(): QueueGauge[] {
    const now = this.now()
    return Array.from(this.#pools, ({ name, room, drain }) => {
      const { size, oldestSince } = room
      const drainPerMinute = drain.perMinute(now)
      return {
        pool: name,
        waiting: size,
        oldestMs: oldestSince === undefined ? 0 : now - oldestSince,
        ...(drainPerMinute === undefined ? {} : { drainPerMinute }),
      }
    })
  }

  add(pool: Pool): void {
    this.#pools.add(pool)
  }

  remove(pool: Pool): void {
    this.#pools.delete(pool)
  }

  nextId(): number {
    return ++lastId
  }

  /** A place in line, at once. Never throws: what is refused at once is a ticket that is already rejected. */
  reserve(asking: Asking, now = this.now()): Waiter {
    const budgets = this.#asks.budgets.for(asking.attributes)
    if (!(budgets instanceof Budgets)) return this.#whenFound(asking, budgets, now)
    const waiter = new Waiter(this.#asks.of(asking, budgets, now), now, this)
    this.#submit(waiter, now)
    return waiter
  }

  /** A ticket that is refused already. */
  turnAway(asking: Asking, error: PlimsollError): Waiter {
    const now = this.now()
    const waiter = new Waiter(this.#asks.of(asking, undefined, now), now, this)
    this.#reject(waiter, error)
    return waiter
  }

  #submit(waiter: Waiter, now: number): void {
    const refusal = this.#refusal(waiter.ask, now)
    if (refusal !== undefined) {
      waiter.reject(refusal.side, refusal.error.limit ?? refusal.error.code, refusal.error)
      return this.rejected(waiter)
    }
    const { target } = waiter.ask.purpose
    target.took(waiter.ask.amounts)
    target.pool.submit(waiter, now)
  }

  /** It takes its place once its budgets are known: nobody is let in by coming before they are. */
  #whenFound(asking: Asking, finding: Promise<Budgets>, since: number): Waiter {
    const waiter = new Waiter(this.#asks.of(asking, undefined, since), since, this)
    this.#lookups.add(waiter, finding, (budgets) => this.#askAnew(waiter, budgets))
    return waiter
  }

  async #found(attributes: Attributes): Promise<Budgets | PlimsollError> {
    try {
      return await this.#asks.budgets.for(attributes)
    } catch (error) {
      return error as PlimsollError
    }
  }

  #reject(waiter: Waiter, error: PlimsollError): void {
    if (waiter.state !== 'queued') return
    waiter.reject('caller', error.limit ?? error.code, error)
    this.rejected(waiter)
  }

  /**
   * A call that is answered without being sent counts in the budgets that say so. It waits for nothing: the refusal, where
   * one of them has none left.
   */
  async hit(target: Target, attributes: Attributes): Promise<PlimsollError | undefined> {
    const budgets = await this.#found(attributes)
    if (budgets instanceof PlimsollError) return budgets
    if (!budgets.some) return undefined
    const lines = this.#asks.budgets
      .linesFor(budgets, attributes, target.id)
      .filter(({ countHits }) => countHits)
    return countedHit(lines, { store: this.store, sender: this.sender, now: this.now, id: this.nextId() })
  }

  /** What would come of asking now; nothing is taken. */
  async decide(asking: Asking): Promise<Verdict> {
    const budgets = await this.#found(asking.attributes)
    if (budgets instanceof PlimsollError) return { kind: 'reject', side: 'caller', reason: budgets }
    const now = this.now()
    const ask = this.#asks.of(asking, budgets, now)
    const refusal = this.#refusal(ask, now)
    if (refusal !== undefined) return { kind: 'reject', side: refusal.side, reason: refusal.error }
    const { pool } = asking.target
    const expected = await this.#expected(ask, now)
    if (expected === undefined)
      return { kind: 'reject', side: 'caller', reason: storeUnavailable(pool.name, RETRY_MS, undefined) }
    const { waitMs, slowest } = expected
    if (now + waitMs > ask.deadline) {
      const side = slowest?.budget === true ? 'caller' : 'target'
      return { kind: 'reject', side, reason: waitTooLong(slowest?.bucket.key ?? pool.name, waitMs) }
    }
    return waitMs === 0 && pool.room.nobodyBefore(ask) ? { kind: 'process' } : { kind: 'queue', waitMs }
  }

  /** How long it would wait, and how much room there is; nothing is taken. */
  async outlook(asking: Asking): Promise<{ readonly waitMs: number; readonly room: number }> {
    const budgets = await this.#found(asking.attributes)
    const now = this.now()
    const none = { waitMs: Number.POSITIVE_INFINITY, room: 0 }
    if (budgets instanceof PlimsollError) return none
    const ask = this.#asks.of(asking, budgets, now)
    return this.#refusal(ask, now) === undefined ? ((await this.#expected(ask, now)) ?? none) : none
  }

  #expected(ask: Ask, now: number): Promise<Expected | undefined> {
    const { pool } = ask.purpose.target
    return new Promise((resolve) => pool.expect(ask, now, resolve))
  }

  /** What is left for a call of these attributes. */
  async headroom(target: Target, attributes: Attributes): Promise<Headroom> {
    const budgets = await this.#asks.budgets.for(attributes)
    const { lines, buckets } = this.#asks.plan(target, budgets, attributes)
    const amounts = lines.map(() => 0)
    const answer = await new Promise<AnswerTo<PeekOp>>((resolve) =>
      this.store.send({ type: 'peek', buckets, amounts, leaves: amounts }, this.now(), resolve),
    )
    if (answer.kind === 'failure') throw storeUnavailable(target.pool.name, RETRY_MS, answer.error)
    const limits = lines.map(({ unit, bucket }, index) => {
      const { available, capacity } = answer.levels[index]!
      const per = unit === 'usd' ? NANO_PER_USD : 1
      return { key: bucket.key, unit, available: available / per, capacity: capacity / per }
    })
    return { target: target.id, waiting: target.pool.room.size, limits }
  }

  /** The id of a reservation that a call inside of it may borrow of. */
  parentId(reservation: Reservation | undefined): ReservationId | undefined {
    return reservation instanceof HeldReservation && reservation.open ? reservation.id : undefined
  }

  /** Limits, prices or budgets are others: whoever waits asks anew, in the place it had. */
  replan(budgets: BudgetSource): void {
    this.#asks.budgets = budgets
    const now = this.now()
    for (const pool of this.#pools) {
      for (const waiter of pool.takeOut(now)) this.#findAnew(waiter)
    }
  }

  #findAnew(waiter: Waiter): void {
    const budgets = this.#asks.budgets.for(waiter.ask.purpose.attributes)
    if (budgets instanceof Budgets) return this.#askAnew(waiter, budgets)
    this.#lookups.add(waiter, budgets, (found) => this.#askAnew(waiter, found))
  }

  /** In the place that it had, and until when it could wait. */
  #askAnew(waiter: Waiter, budgets: Budgets): void {
    if (waiter.state !== 'queued') return
    const now = this.now()
    const { purpose, seq, deadline } = waiter.ask
    waiter.ask = { ...this.#asks.of({ ...purpose, seq }, budgets, now), deadline }
    this.#submit(waiter, now)
  }

  /** Forgets what is held about somebody: `tenant=acme`. */
  forget(holder: string): void {
    this.sender.surely({ type: 'forget-holder', holder }, this.now())
  }

  /** What came of it, for whether its target is to be called; to be told before its room is given back. */
  judge(reservation: HeldReservation, how: 'answered' | Failure | undefined): void {
    const { pass } = reservation
    if (pass === undefined) return
    reservation.pass = undefined
    if (pass.probe) this.#probes.delete(reservation.id)
    this.#options.gate.leave(reservation.waiter.ask.purpose.target, pass, how)
  }

  /** Whoever waits for what may not be called any more is turned away: it has a chance elsewhere. */
  sendAway(): void {
    const now = this.now()
    for (const pool of this.#pools) pool.sendAway(now)
  }

  closedOff({ purpose, parent }: Ask): PlimsollError | undefined {
    const { target } = purpose
    const insideProbe = parent !== undefined && this.#probes.get(parent) === target.id
    return this.#options.gate.refusal(target, insideProbe)
  }

  /** No more is admitted, and whoever waits is turned away. What is in flight settles as it ends. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const now = this.now()
    for (const pool of this.#pools) pool.rejectAll(closed, now)
    this.#lookups.rejectAll(closed)
    this.#unwatch?.()
  }

  #freedElsewhere(keys: readonly string[]): void {
    const now = this.now()
    for (const pool of this.#pools) pool.freedElsewhere(keys, now)
  }

  granted(waiter: Waiter, line: TenantLine | undefined, now: number): void {
    const { target } = waiter.ask.purpose
    const pass = this.#options.gate.enter(target)
    const reservation = new HeldReservation(waiter, { keeper: this, line, now, pass })
    if (pass.probe) this.#probes.set(reservation.id, target.id)
    this.#open++
    target.open++
    this.#leases.begin(reservation, now)
    this.#announce.reserved(waiter)
    // Its caller may have left while that was told.
    if (waiter.state === 'queued') waiter.grant(reservation)
    else reservation.cancel()
  }

  rejected(waiter: Waiter): void {
    this.#announce.rejected(waiter)
    this.#options.onEnded()
  }

  entered(waiter: Waiter, predictedWaitMs: number): void {
    this.#announce.entered(waiter, predictedWaitMs)
  }

  storeFailed(error: unknown): void {
    this.#announce.storeFailed(error)
  }

  listenerFailed(error: unknown): void {
    this.#announce.listenerFailed(error)
  }

  sendSurely(op: Told, now: number): void {
    this.sender.surely(op, now)
  }

  freed(keys: readonly string[], from: HeldReservation, now: number): void {
    const { pool } = from.waiter.ask.purpose.target
    pool.freed(keys, now)
    // Budgets reach over pools.
    if (this.#pools.size > 1 && this.#asks.budgets.some) {
      for (const other of this.#pools)
        if (other !== pool && other.room.parking.size > 0) other.freed(keys, now)
    }
  }

  renewed(reservation: HeldReservation, now: number): void {
    this.#leases.renew(reservation, now)
  }

  closed(reservation: HeldReservation): void {
    this.judge(reservation, undefined)
    this.#open--
    reservation.waiter.ask.purpose.target.open--
    this.#leases.end(reservation)
    this.#options.onEnded()
  }

  settled({ waiter }: HeldReservation, usage: Usage, certainty: 'exact' | 'at-least'): void {
    this.#announce.settled(waiter, usage, certainty)
  }

  cancelled({ waiter }: HeldReservation): void {
    this.#announce.cancelled(waiter)
  }

  leave(waiter: Waiter, reason: unknown): void {
    waiter.ask.purpose.target.pool.leave(waiter, this.now())
    waiter.abort(reason)
    this.#announce.left(waiter)
    this.#options.onEnded()
  }

  /** A run is over: so are its budgets. */
  runEnded(run: string): void {
    this.runs.end(run)
    const keys = this.#asks.budgets.runEnded(run)
    if (keys.length > 0) this.sender.surely({ type: 'forget', keys }, this.now())
  }

  #refusal(ask: Ask, now: number): Refusal | undefined {
    if (this.#closed) return { side: 'caller', error: closed() }
    const refusal = this.#asks.refusal(ask, now)
    if (refusal !== undefined) return refusal
    const error = this.closedOff(ask)
    return error && { side: 'target', error }
  }
}

export function closed(): PlimsollError {
  return new PlimsollError({ code: 'closed', message: 'Plimsoll was closed: it admits no more calls.' })
}

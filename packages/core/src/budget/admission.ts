import type { Attributes, Priority } from '../call/attributes.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import type { Failure } from '../call/outcome.ts'
import type { Reservation } from '../call/ticket.ts'
import type { Usage } from '../call/usage.ts'
import type { Clock } from '../time/clock.ts'
import { monotonic } from '../time/monotonic.ts'
import type { AnswerTo, Op, ReservationId, Store } from '../store/port.ts'
import { Announcer } from './announcer.ts'
import { BegunRuns } from './begun-runs.ts'
import { DEFAULT_TENANT } from './budgets.ts'
import type { Budgets } from './budgets.ts'
import { reserveAmounts } from './charges.ts'
import type { Estimate } from './charges.ts'
import type { Decision, Headroom } from './decision.ts'
import { fromHeaders, fromRateLimit, resize } from './feedback.ts'
import type { Learnt } from './learner.ts'
import type { Admitter, Expected, Pool } from './pool.ts'
import { storeUnavailable, tooLarge, waitTooLong } from './refusals.ts'
import { Leases } from './leases.ts'
import { HeldReservation } from './reservation.ts'
import type { Keeper } from './reservation.ts'
import type { Target } from './target.ts'
import type { TenantLine } from './tenant-line.ts'
import { Waiter } from './waiter.ts'
import type { Ask, Rank, WaiterOwner } from './waiter.ts'

const RANK: Readonly<Record<Priority, Rank>> = { high: 0, medium: 1, low: 2 }
/** The store's own lease is for processes that are gone: it outlives ours, which is for calls that are. */
const STORE_LEASE = 1.5
/** How often a store that failed is told again what it must know. */
const SEND_TRIES = 8
const SEND_RETRY_MS = 50

type PeekOp = Extract<Op, { type: 'peek' }>

/** Ids are unique in the process, so that several may share a store in memory. */
let lastId = 0

export interface AdmissionOptions {
  readonly clock: Clock
  readonly store: Store
  readonly events: Events
  readonly budgets: Budgets
  readonly leaseMs: number
  readonly maxWaitMs: number
}

/** One attempt that asks for room. */
export interface Asking {
  readonly callId: string
  readonly target: Target
  readonly attributes: Attributes
  readonly priority: Priority
  readonly estimate: Estimate
  /** Clock time; `Infinity` for none. */
  readonly deadline: number
  /** The reservation of the call that this one is made inside of. */
  readonly parent: ReservationId | undefined
  /** Whether budgets that count calls are to count this attempt. */
  readonly countRequest: boolean
  /** The place of an earlier attempt of the call, which it keeps. */
  readonly seq: number | undefined
  readonly stillAlive: (() => boolean) | undefined
  readonly onAbandoned: (() => void) | undefined
}

/** Gives out tickets, and keeps what was granted until it is settled. The one place where budgets meet a store. */
export class Admission implements Admitter, Keeper, WaiterOwner {
  readonly clock: Clock
  readonly store: Store
  readonly runs = new BegunRuns()
  readonly storeLeaseMs: number
  readonly now: () => number
  readonly #options: AdmissionOptions
  readonly #leases: Leases
  readonly #announce: Announcer
  readonly #pools = new Set<Pool>()
  #open = 0
  #seq = 0
  #closed = false

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.clock = options.clock
    this.store = options.store
    this.storeLeaseMs = options.leaseMs * STORE_LEASE
    this.now = monotonic(() => options.clock.now())
    this.#announce = new Announcer(options.events, this.now)
    this.#leases = new Leases({ clock: this.clock, now: this.now, leaseMs: options.leaseMs }, (expired) => {
      this.#announce.leaseExpired(expired.waiter)
      expired.settle({}, 'at-least')
      expired.waiter.ask.purpose.onAbandoned?.()
    })
  }

  /** Reservations that are neither settled nor cancelled. */
  get open(): number {
    return this.#open
  }

  get waiting(): number {
    let waiting = 0
    for (const pool of this.#pools) waiting += pool.room.size
    return waiting
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
  reserve(asking: Asking): Waiter {
    const now = this.now()
    const waiter = new Waiter(this.#ask(asking, now), now, this)
    const refusal = this.#refusal(waiter.ask, now)
    if (refusal !== undefined) {
      waiter.reject(refusal.side, refusal.error.limit ?? refusal.error.code, refusal.error)
      this.rejected(waiter)
      return waiter
    }
    asking.target.took(waiter.ask.amounts)
    asking.target.pool.submit(waiter, now)
    return waiter
  }

  /** What would come of asking now; nothing is taken. */
  async decide(asking: Asking): Promise<Decision> {
    const now = this.now()
    const ask = this.#ask(asking, now)
    const refusal = this.#refusal(ask, now)
    if (refusal !== undefined) return { kind: 'reject', reason: refusal.error }
    const { pool } = asking.target
    const expected = await new Promise<Expected | undefined>((resolve) => pool.expect(ask, now, resolve))
    if (expected === undefined)
      return { kind: 'reject', reason: storeUnavailable(pool.name, SEND_RETRY_MS, undefined) }
    const { waitMs, slowest } = expected
    if (now + waitMs > ask.deadline) {
      return { kind: 'reject', reason: waitTooLong(slowest?.bucket.key ?? pool.name, waitMs) }
    }
    return waitMs === 0 && pool.room.nobodyBefore(ask) ? { kind: 'process' } : { kind: 'queue', waitMs }
  }

  async headroom(target: Target): Promise<Headroom> {
    const { lines, buckets } = target.limits
    const amounts = lines.map(() => 0)
    const answer = await new Promise<AnswerTo<PeekOp>>((resolve) =>
      this.store.send({ type: 'peek', buckets, amounts, leaves: amounts }, this.now(), resolve),
    )
    if (answer.kind === 'failure') throw storeUnavailable(target.pool.name, SEND_RETRY_MS, answer.error)
    const limits = lines.map(({ unit, bucket }, index) => {
      const { available, capacity } = answer.levels[index]!
      return { key: bucket.key, unit, available, capacity }
    })
    return { target: target.id, waiting: target.pool.room.size, limits }
  }

  /** The id of a reservation that a call inside of it may borrow of. */
  parentId(reservation: Reservation | undefined): ReservationId | undefined {
    return reservation instanceof HeldReservation && reservation.open ? reservation.id : undefined
  }

  /** A call was answered, with these headers. `sentAt`: when its request left. */
  answered(target: Target, headers: Readonly<Record<string, string>>, sentAt: number): void {
    target.turnedBack = 0
    if (target.learner !== undefined) this.#learn(target, target.learner.answered(target.open))
    this.observe(target, headers, sentAt)
    // What was in doubt about this call is cleared up.
    if (target.pool.room.size > 0) target.pool.changed(this.now())
  }

  /** What the headers of an answer, or of an error, say of the limits. */
  observe(target: Target, headers: Readonly<Record<string, string>>, sentAt: number): void {
    const now = this.now()
    const { observations } = target.profile.headers(headers, now)
    if (target.learner !== undefined) this.#learn(target, target.learner.told(observations))
    for (const op of fromHeaders(target, observations, now - sentAt)) this.#do(op)
  }

  /** A provider's limit was met: everyone behind it waits. */
  rateLimited(target: Target, failure: Failure, sentAt: number): void {
    const now = this.now()
    const op = fromRateLimit(target, failure, this.clock.random())
    // Calls that were under way together are turned back together: that is once.
    if (sentAt > target.pausedAt) {
      target.turnedBack++
      target.pausedAt = now
      if (target.learner !== undefined) this.#learn(target, target.learner.rateLimited())
    }
    this.#do(op)
    this.#announce.paused(target.id, op.forMs)
  }

  /** No more is admitted, and whoever waits is turned away. What is in flight settles as it ends. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const now = this.now()
    for (const pool of this.#pools) pool.rejectAll(closed, now)
  }

  granted(waiter: Waiter, line: TenantLine | undefined, now: number): void {
    const reservation = new HeldReservation(waiter, { keeper: this, line, now })
    this.#open++
    waiter.ask.purpose.target.open++
    this.#leases.begin(reservation, now)
    this.#announce.reserved(waiter)
    waiter.grant(reservation)
  }

  rejected(waiter: Waiter): void {
    this.#announce.rejected(waiter)
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

  sendSurely(op: Extract<Op, { id: ReservationId }>, now: number, tries = SEND_TRIES): void {
    this.store.send(op, now, (answer) => {
      if (answer.kind !== 'failure') return
      this.storeFailed(answer.error)
      if (tries <= 1) return
      const waitMs = SEND_RETRY_MS * 2 ** (SEND_TRIES - tries)
      this.clock.timer(waitMs, () => this.sendSurely(op, this.now(), tries - 1))
    })
  }

  freed(keys: readonly string[], from: HeldReservation, now: number): void {
    const { pool } = from.waiter.ask.purpose.target
    pool.freed(keys, now)
    // Budgets reach over pools.
    if (this.#pools.size > 1 && this.#options.budgets.some) {
      for (const other of this.#pools)
        if (other !== pool && other.room.parking.size > 0) other.freed(keys, now)
    }
  }

  renewed(reservation: HeldReservation, now: number): void {
    this.#leases.renew(reservation, now)
  }

  closed(reservation: HeldReservation): void {
    this.#open--
    reservation.waiter.ask.purpose.target.open--
    this.#leases.end(reservation)
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
  }

  #ask(asking: Asking, now: number): Ask {
    const { target, attributes, estimate, countRequest } = asking
    const { budgets, maxWaitMs } = this.#options
    const plan = budgets.some ? target.planWith(budgets.linesFor(attributes, target.id)) : target.limits
    return {
      purpose: asking,
      plan,
      amounts: reserveAmounts(plan, target, estimate, countRequest),
      rank: RANK[asking.priority],
      tenant: attributes.tenant ?? DEFAULT_TENANT,
      run: attributes.run,
      cost: Math.ceil(estimate.inputTokens + (estimate.maxOutputTokens ?? estimate.outputTokens)),
      deadline: Math.min(asking.deadline, now + maxWaitMs),
      parent: asking.parent,
      seq: asking.seq ?? ++this.#seq,
    }
  }

  #refusal(
    { plan, amounts, deadline }: Ask,
    now: number,
  ): { side: 'target' | 'caller'; error: PlimsollError } | undefined {
    if (this.#closed) return { side: 'caller', error: closed() }
    if (deadline <= now) {
      const message = 'The deadline had passed before the call began: give it more time.'
      return { side: 'caller', error: new PlimsollError({ code: 'deadline-exceeded', message }) }
    }
    for (let index = 0; index < amounts.length; index++) {
      const line = plan.lines[index]!
      const amount = amounts[index]!
      if (amount > line.bucket.capacity)
        return { side: line.budget ? 'caller' : 'target', error: tooLarge(line, amount) }
    }
    return undefined
  }

  #learn(target: Target, learnt: readonly Learnt[]): void {
    if (learnt.length === 0) return
    const now = this.now()
    for (const each of learnt) {
      this.#do(resize(each))
      this.#announce.learnt(target.id, each.line.unit, each.capacity)
    }
    target.replan()
    target.pool.changed(now)
  }

  #do(op: Op): void {
    this.store.send(op, this.now(), (answer) => {
      if (answer.kind === 'failure') this.storeFailed(answer.error)
    })
  }
}

function closed(): PlimsollError {
  return new PlimsollError({ code: 'closed', message: 'Plimsoll was closed: it admits no more calls.' })
}

import type { Pass } from '../call/gate.ts'
import type { Failure } from '../call/outcome.ts'
import type { Reservation } from '../call/ticket.ts'
import type { Usage } from '../call/usage.ts'
import { cleanUsage } from '../call/usage.ts'
import type { Leased } from '../store/lease-list.ts'
import type { ReservationId, Told } from '../store/port.ts'
import { failedAmounts, settleAmounts } from './charges.ts'
import type { Target } from './target.ts'
import type { TenantLine } from './tenant-line.ts'
import type { Waiter } from './waiter.ts'

/** What a reservation needs of whoever holds its room. */
export interface Keeper {
  now(): number
  /** Sends an operation until the store has taken it. */
  sendSurely(op: Told, now: number): void
  /** Something was given back to these buckets. */
  freed(keys: readonly string[], from: HeldReservation, now: number): void
  renewed(reservation: HeldReservation, now: number): void
  closed(reservation: HeldReservation): void
  settled(reservation: HeldReservation, usage: Usage, certainty: 'exact' | 'at-least'): void
  cancelled(reservation: HeldReservation): void
}

/** Renewed no more often than this part of the lease: a stream has many chunks. */
const RENEW_PART = 1 / 8

export class HeldReservation implements Reservation, Leased {
  readonly id: ReservationId
  readonly waiter: Waiter
  readonly grantedAt: number
  /** What it was let in with; undefined once it has been handed back. */
  pass: Pass | undefined
  leaseUntil = 0
  leaseBefore: Leased | undefined = undefined
  leaseAfter: Leased | undefined = undefined
  readonly #keeper: Keeper
  readonly #line: TenantLine | undefined
  #tokensOpen = true
  #slotsOpen = true
  #acknowledged = false
  #renewedAt: number

  constructor(
    waiter: Waiter,
    { keeper, line, now, pass }: { keeper: Keeper; line: TenantLine | undefined; now: number; pass: Pass },
  ) {
    this.id = waiter.askedAs
    this.waiter = waiter
    this.grantedAt = now
    this.pass = pass
    this.#renewedAt = now
    this.#keeper = keeper
    this.#line = line
  }

  get target(): string {
    return this.#target.id
  }

  /** Neither settled nor cancelled. */
  get open(): boolean {
    return this.#tokensOpen
  }

  get #target(): Target {
    return this.waiter.ask.purpose.target
  }

  acknowledge(): void {
    if (this.#acknowledged || !this.#tokensOpen) return
    this.#acknowledged = true
    const now = this.#keeper.now()
    this.#keeper.sendSurely({ type: 'acknowledge', id: this.id }, now)
    this.#refresh(now)
  }

  refresh(): void {
    this.#refresh(this.#keeper.now())
  }

  #refresh(now: number): void {
    const leaseMs = this.leaseUntil - this.#renewedAt
    if (!this.#tokensOpen || now - this.#renewedAt < leaseMs * RENEW_PART) return
    this.#renewedAt = now
    this.#keeper.sendSurely({ type: 'refresh', id: this.id }, now)
    this.#keeper.renewed(this, now)
  }

  releaseSlots(): void {
    if (!this.#slotsOpen) return
    const now = this.#keeper.now()
    this.#closeSlots(now)
    this.#keeper.sendSurely({ type: 'release-slots', id: this.id }, now)
    this.#keeper.freed(this.waiter.ask.plan.slotKeys, this, now)
  }

  settle(reported: Usage, certainty: 'exact' | 'at-least', now = this.#keeper.now()): void {
    if (!this.#tokensOpen) return
    const usage = cleanUsage(reported)
    const { ask } = this.waiter
    const { plan, amounts } = ask
    const { maxOutputTokens } = ask.purpose.estimate
    const actual = settleAmounts(plan, this.#target, { reserved: amounts, usage, maxOutputTokens, certainty })
    this.#close({ type: 'settle', id: this.id, amounts: actual, refund: certainty === 'exact' }, now)
    this.#keeper.settled(this, usage, certainty)
    if (certainty === 'exact' && usage.inputTokens !== undefined) {
      const tokens = usage.inputTokens + (usage.outputTokens ?? 0)
      this.#target.pool.prediction.settled(ask.cost, actual, plan.claimable)
      this.#correct(tokens - ask.cost)
    }
    this.#keeper.freed(plan.keys, this, now)
  }

  /** The provider turned it away with an error, and has perhaps counted it. */
  fail(failure: Failure): void {
    if (!this.#tokensOpen) return
    if (failure.neverSent === true) return this.cancel()
    const { plan, amounts, cost } = this.waiter.ask
    const rateLimited = failure.class === 'rate-limit'
    const now = this.#keeper.now()
    const kept = failedAmounts(plan, amounts, rateLimited)
    this.#close({ type: 'settle', id: this.id, amounts: kept, refund: true }, now)
    this.#keeper.settled(this, {}, 'exact')
    if (rateLimited) this.#correct(-cost)
    this.#keeper.freed(plan.keys, this, now)
  }

  cancel(): void {
    if (!this.#tokensOpen) return
    const now = this.#keeper.now()
    this.#close({ type: 'cancel', id: this.id }, now)
    this.#keeper.cancelled(this)
    const { plan, cost } = this.waiter.ask
    this.#correct(-cost)
    this.#keeper.freed(plan.keys, this, now)
  }

  #close(op: Extract<Told, { type: 'settle' | 'cancel' }>, now: number): void {
    this.#tokensOpen = false
    this.#closeSlots(now)
    this.#keeper.sendSurely(op, now)
    this.#keeper.closed(this)
  }

  #closeSlots(now: number): void {
    if (!this.#slotsOpen) return
    this.#slotsOpen = false
    this.#target.pool.prediction.held(now - this.grantedAt)
  }

  /** Its tenant was charged this much less, or more, than it came to. */
  #correct(tokens: number): void {
    if (this.#line !== undefined) this.#target.pool.room.of(this.waiter.ask.rank).correct(this.#line, tokens)
  }
}

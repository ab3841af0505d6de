import type { PlimsollError } from '../call/errors.ts'
import type { Admission, Reservation, Ticket, TicketState } from '../call/ticket.ts'
import type { ReservationId } from '../store/port.ts'
import type { Charges, Estimate } from './charges.ts'
import type { Target } from './target.ts'
import type { TenantLine } from './tenant-line.ts'

/** 0 is the highest. */
export type Rank = 0 | 1 | 2

/** Why there is a waiter: what the reservation will be for. */
export interface Purpose {
  readonly callId: string
  readonly target: Target
  readonly estimate: Estimate
  /** Asked when the lease runs out: true when the call is still alive. */
  readonly stillAlive: (() => boolean) | undefined
  /** Called when the lease ran out and the reservation was closed. */
  readonly onAbandoned: (() => void) | undefined
}

export interface Ask {
  readonly purpose: Purpose
  readonly charges: Charges
  readonly rank: Rank
  readonly tenant: string
  readonly run: string | undefined
  /** Tokens, by which tenants share. */
  readonly cost: number
  /** When it must have been granted. */
  readonly deadline: number
  /** Holds a slot that this one may use. */
  readonly parent: ReservationId | undefined
  /** Its place among those of its tenant: an earlier one that comes back keeps it. */
  readonly seq: number
}

export interface WaiterOwner {
  /** Its caller has left while it waited. */
  leave(waiter: Waiter, reason: unknown): void
  listenerFailed(error: unknown): void
}

/** A call's place in line, and the ticket for it: one object, since there may be a million. */
export class Waiter implements Ticket {
  readonly ask: Ask
  readonly since: number
  state: TicketState = 'queued'
  reservation: Reservation | undefined = undefined
  error: PlimsollError | undefined = undefined
  /** Predicted when it came, to learn from how long it took. */
  predictedMs = 0
  heapIndex = -1
  line: TenantLine | undefined = undefined
  /** In which of the line's two lists it is. */
  runBegun = false
  before: Waiter | undefined = undefined
  after: Waiter | undefined = undefined
  arrivedBefore: Waiter | undefined = undefined
  arrivedAfter: Waiter | undefined = undefined
  /** The reservation that the store was last asked for. */
  askedAs = 0
  /** Whether it was told to have entered the queue. */
  entered = false
  /** Whether it is in a waiting room. */
  inside = false
  /** Where it is parked, if it is. */
  lot: string | undefined = undefined
  #admission: Admission | undefined = undefined
  #listeners: ((ticket: Ticket) => void) | ((ticket: Ticket) => void)[] | undefined = undefined
  readonly #owner: WaiterOwner

  constructor(ask: Ask, since: number, owner: WaiterOwner) {
    this.ask = ask
    this.since = since
    this.#owner = owner
  }

  get ready(): Promise<Admission> {
    if (this.#admission !== undefined) return Promise.resolve(this.#admission)
    return new Promise((resolve) => this.onChange(() => resolve(this.#admission!)))
  }

  onChange(fn: (ticket: Ticket) => void): void {
    if (this.#admission !== undefined) this.#tell(fn)
    else if (this.#listeners === undefined) this.#listeners = fn
    else if (typeof this.#listeners === 'function') this.#listeners = [this.#listeners, fn]
    else this.#listeners.push(fn)
  }

  cancel(reason?: unknown): void {
    if (this.state === 'queued') this.#owner.leave(this, reason)
    else this.reservation?.cancel()
  }

  grant(reservation: Reservation): void {
    this.reservation = reservation
    this.#change('granted', { kind: 'ok', reservation })
  }

  reject(side: 'target' | 'caller', by: string, error: PlimsollError): void {
    this.error = error
    this.#change('rejected', { kind: 'rejected', side, by, error })
  }

  abort(reason: unknown): void {
    this.#change('aborted', { kind: 'aborted', reason })
  }

  /** A listener that throws must not stop the queue that it is called from. */
  #tell(listener: (ticket: Ticket) => void): void {
    try {
      listener(this)
    } catch (error) {
      this.#owner.listenerFailed(error)
    }
  }

  #change(state: TicketState, admission: Admission): void {
    this.state = state
    this.#admission = admission
    const listeners = this.#listeners
    this.#listeners = undefined
    if (typeof listeners === 'function') this.#tell(listeners)
    else if (listeners !== undefined) for (const listener of listeners) this.#tell(listener)
  }
}

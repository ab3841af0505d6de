import type { PlimsollError } from '../call/errors.ts'
import type { Admission, Reservation, Ticket, TicketState } from '../call/ticket.ts'
import type { ReservationId } from '../store/port.ts'
import type { Asking } from './asking.ts'
import type { Charges } from './charges.ts'
import type { TenantLine } from './tenant-line.ts'

/** 0 is the highest. */
export type Rank = 0 | 1 | 2

export interface Ask extends Charges {
  /** What the reservation will be for. */
  readonly purpose: Asking
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

type Change = (ticket: Ticket) => void

/**
 * A call's place in line, and the ticket for it: one object, and as small as can be, since there may be a million.
 */
export class Waiter implements Ticket {
  /** Changes only while it is in no room: when its budgets are found, or its target's limits are others. */
  ask: Ask
  readonly since: number
  /** Predicted in milliseconds when it entered the queue, to learn from how long it took; -1 until then. */
  predictedMs = -1
  /** Whether it is in a waiting room. */
  inside = false
  line: TenantLine | undefined = undefined
  /** In which of the line's two lists it is. */
  runBegun = false
  before: Waiter | undefined = undefined
  after: Waiter | undefined = undefined
  arrivedBefore: Waiter | undefined = undefined
  arrivedAfter: Waiter | undefined = undefined
  /** The reservation that the store was last asked for. */
  askedAs = 0
  /** Where it is parked, if it is. */
  lot: string | undefined = undefined
  /** Who is to be told of the change, and afterwards what came of it. */
  #change: Change | Change[] | Admission | undefined = undefined
  readonly #owner: WaiterOwner

  constructor(ask: Ask, since: number, owner: WaiterOwner) {
    this.ask = ask
    this.since = since
    this.#owner = owner
  }

  get state(): TicketState {
    const admission = this.#admission
    if (admission === undefined) return 'queued'
    return admission.kind === 'ok' ? 'granted' : admission.kind
  }

  get reservation(): Reservation | undefined {
    const admission = this.#admission
    return admission?.kind === 'ok' ? admission.reservation : undefined
  }

  get error(): PlimsollError | undefined {
    const admission = this.#admission
    return admission?.kind === 'rejected' ? admission.error : undefined
  }

  get ready(): Promise<Admission> {
    return new Promise((resolve) => this.onChange(() => resolve(this.#admission!)))
  }

  onChange(fn: Change): void {
    const change = this.#change
    if (change === undefined) this.#change = fn
    else if (typeof change === 'function') this.#change = [change, fn]
    else if (Array.isArray(change)) change.push(fn)
    else this.#tell(fn)
  }

  cancel(reason?: unknown): void {
    if (this.#admission === undefined) this.#owner.leave(this, reason)
    else this.reservation?.cancel()
  }

  grant(reservation: Reservation): void {
    this.#become({ kind: 'ok', reservation })
  }

  reject(side: 'target' | 'caller', by: string, error: PlimsollError): void {
    this.#become({ kind: 'rejected', side, by, error })
  }

  abort(reason: unknown): void {
    this.#become({ kind: 'aborted', reason })
  }

  get #admission(): Admission | undefined {
    const change = this.#change
    return typeof change === 'object' && !Array.isArray(change) ? change : undefined
  }

  #become(admission: Admission): void {
    const listeners = this.#change
    this.#change = admission
    if (typeof listeners === 'function') this.#tell(listeners)
    else if (Array.isArray(listeners)) for (const listener of listeners) this.#tell(listener)
  }

  /** A listener that throws must not stop the queue that it is called from. */
  #tell(listener: Change): void {
    try {
      listener(this)
    } catch (error) {
      this.#owner.listenerFailed(error)
    }
  }
}

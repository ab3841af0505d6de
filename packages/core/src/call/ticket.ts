import type { Outcome } from './outcome.ts'
import type { PlimsollError } from './errors.ts'
import type { Usage } from './usage.ts'

/** What became of asking for room. */
export type Admission =
  | { readonly kind: 'ok'; readonly reservation: Reservation }
  | Extract<Outcome<never>, { kind: 'rejected' | 'aborted' }>

export type TicketState = 'queued' | 'granted' | 'rejected' | 'aborted'

/**
 * A place in line, given out at once and without I/O: the permission to call, asked for as a value.
 *
 * **When to use**: in a host that cannot wrap the call, or that must wait in its own way.
 * **Gotcha**: a granted ticket holds a reservation; whoever drops the one must close the other.
 */
export interface Ticket {
  readonly state: TicketState
  /** Set once granted. */
  readonly reservation: Reservation | undefined
  /** Set once rejected. */
  readonly error: PlimsollError | undefined
  /** Resolves when the state leaves `queued`. Never rejects. */
  readonly ready: Promise<Admission>
  /** Calls `fn` once, synchronously, when the state leaves `queued`; at once if it has. */
  onChange(fn: (ticket: Ticket) => void): void
  /** Leaves the line, or gives back what was granted and not yet used. Legal in every state. */
  cancel(reason?: unknown): void
}

/**
 * Room held for one attempt until its real usage is known. Slots and tokens each close exactly once;
 * closing twice is harmless.
 *
 * **Gotcha**: closed by itself when its lease runs out; the estimate then stands.
 */
export interface Reservation {
  readonly target: string
  /** The amounts were counted by the provider: its first byte, or its error, has arrived. They age from now. */
  acknowledge(): void
  /** Still alive: the lease starts anew. */
  refresh(): void
  /** The answer is over: the concurrent slot is free. The tokens stay reserved until `settle`. */
  releaseSlots(): void
  /**
   * What was really used. `exact` refunds what was reserved beyond it and charges what was not; `at-least` only
   * charges: of a stream that broke nobody knows what the provider counted. Also releases the slots.
   */
  settle(usage: Usage, certainty: 'exact' | 'at-least'): void
  /** It was never sent: everything is given back. */
  cancel(): void
}

import type { Reservation, Ticket, Usage } from '@plimsoll/core'
import { Effect, Scope } from 'effect'
import { fromCore } from './error.ts'
import type { PlimsollError } from './error.ts'
import { asked } from './thrown.ts'

/** Room held for one call until its real usage is known. Slots and tokens each close once; twice is harmless. */
export interface HeldRoom {
  readonly target: string
  /** The provider has counted it: its first byte has arrived. The amounts age from now. */
  readonly acknowledge: Effect.Effect<void>
  /** Still alive: the lease starts anew. */
  readonly refresh: Effect.Effect<void>
  /** The answer is over: the concurrent slot is free. The tokens stay reserved until `settle`. */
  readonly releaseSlots: Effect.Effect<void>
  /**
   * What was really used. `exact` refunds what was reserved beyond it; `at-least` only charges.
   * @defaultValue 'exact'
   */
  readonly settle: (usage: Usage, certainty?: 'exact' | 'at-least') => Effect.Effect<void>
  /** It was never sent: everything is given back. */
  readonly cancel: Effect.Effect<void>
}

/**
 * Waits for what a ticket is granted. The ticket is taken and its closing arranged in one uninterruptible step, and only
 * the wait between can be interrupted: no grant is ever dropped.
 */
export function admitted(take: () => Ticket): Effect.Effect<HeldRoom, PlimsollError, Scope.Scope> {
  return Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const ticket = yield* asked(take)
      yield* Effect.addFinalizer(() => Effect.sync(() => close(ticket)))
      yield* Effect.onInterrupt(restore(changed(ticket)), () => Effect.sync(() => ticket.cancel()))
      const { reservation, error } = ticket
      if (reservation !== undefined) return heldRoom(reservation)
      return yield* error === undefined ? Effect.interrupt : Effect.fail(fromCore(error))
    }),
  )
}

function changed(ticket: Ticket): Effect.Effect<void> {
  if (ticket.state !== 'queued') return Effect.void
  return Effect.callback<void>((resume) => ticket.onChange(() => resume(Effect.void)))
}

function close(ticket: Ticket): void {
  // Whoever held it has said nothing: what the provider counted is not known.
  if (ticket.reservation === undefined) ticket.cancel()
  else ticket.reservation.settle({}, 'at-least')
}

function heldRoom(reservation: Reservation): HeldRoom {
  return {
    target: reservation.target,
    acknowledge: Effect.sync(() => reservation.acknowledge()),
    refresh: Effect.sync(() => reservation.refresh()),
    releaseSlots: Effect.sync(() => reservation.releaseSlots()),
    settle: (usage, certainty = 'exact') => Effect.sync(() => reservation.settle(usage, certainty)),
    cancel: Effect.sync(() => reservation.cancel()),
  }
}

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attributes } from '@plimsoll/core'
import { Context, Effect } from 'effect'
import { dual } from 'effect/Function'

/** Runs a function where its maker stood: with the attributes, the run and the reservation that hold there. */
export type Place = <R>(fn: () => R) => R

/** Nowhere: nobody's attributes, nobody's slot. */
const NOWHERE: Place = AsyncLocalStorage.snapshot()

/**
 * What is said of the calls made inside. It rides on the fiber, and crosses forks and streams.
 *
 * **Gotcha**: set it with `withCall`, which adds to what is there; providing it replaces all.
 */
export const CurrentCall = Context.Reference<Attributes>('@plimsoll/effect/CurrentCall', {
  defaultValue: () => ({}),
})

/**
 * Where a call stands in the core's own sense: inside which other call, and of which run. Fibers share the turns of one
 * scheduler, so what Node holds to be the surroundings of a fiber may be another's: it rides on the fiber, and is nowhere
 * where nothing has set it.
 */
export const CurrentPlace = Context.Reference<Place>('@plimsoll/effect/CurrentPlace', {
  defaultValue: () => NOWHERE,
})

/**
 * Every call made inside, however deep, has these attributes; the innermost wins, field by field.
 *
 * **When to use**: at the edge where it is known who calls: a request handler, a job.
 *
 * **Details**: attributes select budgets and tasks, and label records. They come from code, never from a client.
 *
 * **Gotcha**: `undefined` says nothing, and takes nothing back.
 *
 * **Example**
 * ```ts
 * const answer = ask('Why?').pipe(withCall({ tenant: 'acme', task: 'summarise' }))
 * ```
 */
export const withCall: {
  (attributes: Attributes): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, attributes: Attributes): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(effect: Effect.Effect<A, E, R>, attributes: Attributes): Effect.Effect<A, E, R> =>
  Effect.updateService(effect, CurrentCall, (outer) => ({ ...outer, ...said(attributes) })),
)

/**
 * Takes over what `plimsoll.with` and `plimsoll.workflow` of the core have set around this very statement.
 *
 * **When to use**: where a program that is not Effect runs one that is.
 *
 * **Details**: attributes, the deadline of a run, and the slot of a call around it. `withCall` inside wins.
 *
 * **Gotcha**: it looks around when it is called, not when the effect runs. Without it an effect knows nothing of them: what Node takes to be around a fiber may be another's.
 *
 * **Example**
 * ```ts
 * await core.workflow('support', { tenant: 'acme' }, () => runtime.runPromise(inherit(answer)))
 * ```
 */
export function inherit<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
  return Effect.provideService(effect, CurrentPlace, AsyncLocalStorage.snapshot())
}

function said(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}

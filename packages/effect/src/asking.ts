import type { Attributes, Decision, Headroom, Plimsoll as Core, Report, ReportQuery } from '@plimsoll/core'
import { Effect, Scope } from 'effect'
import type { CallInput } from './call-input.ts'
import { coreCall } from './call-input.ts'
import { CurrentCall } from './current-call.ts'
import type { PlimsollError } from './error.ts'
import { Plimsoll } from './plimsoll.ts'
import { admitted } from './reservation.ts'
import type { HeldRoom } from './reservation.ts'
import { failedWith } from './thrown.ts'

/**
 * What would happen to this call now, and why. Nothing is taken.
 *
 * **When to use**: to choose before beginning: a shorter prompt, a cheaper feature, a "try later".
 *
 * **Details**: `process`, `queue` with a wait, `fallback`, `degrade` or `reject`, each with its reason. Fails with
 * `InvalidCall` for a call that makes no sense.
 *
 * **Gotcha**: it is true now. Another caller may take the room before you do.
 *
 * **Example**
 * ```ts
 * const now = decide({ target: 'openai/gpt-5-mini', tokens: 2_000 })
 * ```
 */
export const decide = Effect.fn('plimsoll.decide')(function* (input: CallInput) {
  const call = yield* coreCall(input)
  return yield* told<Decision>((core) => core.decide(call))
})

/**
 * What is left of a target's limits, and of the budgets of whoever `withCall` says is calling.
 *
 * **When to use**: for health pages, and to plan a batch.
 *
 * **Details**: each limit and budget with what is available of its capacity, in its own unit; and how many wait.
 *
 * **Gotcha**: what is available may be negative: an answer that was longer than reserved is a debt.
 *
 * **Example**
 * ```ts
 * const left = headroom('openai/gpt-5-mini').pipe(withCall({ tenant: 'acme' }))
 * ```
 */
export const headroom = Effect.fn('plimsoll.headroom')(function* (target: string) {
  const attributes: Attributes = yield* CurrentCall
  return yield* told<Headroom>((core) => core.headroom(target, attributes))
})

/**
 * What calls came to, by any of their attributes and by time.
 *
 * **When to use**: for bills, dashboards and alerts.
 *
 * **Details**: calls count when they are over. Fails with `InvalidCall` for a query that makes no sense.
 *
 * **Gotcha**: it is of this process, and bounded: what there is no room to tell apart stands under `(other)`.
 *
 * **Example**
 * ```ts
 * const byTenant = report({ by: ['tenant'] })
 * ```
 */
export const report = Effect.fn('plimsoll.report')(function* (query: ReportQuery = {}) {
  return yield* told<Report>((core) => core.report(query))
})

/**
 * Room for one call, held until the scope closes.
 *
 * **When to use**: where the call cannot be wrapped: it is made elsewhere, or in steps. Else `withBudget`, which also
 * retries, falls back and learns from what the provider says.
 *
 * **Details**: waits its turn; an interrupted wait leaves the queue at once. A scope that closes before `settle` or
 * `cancel` settles at the estimate: nobody knows what the provider counted.
 *
 * **Gotcha**: the lease (`leaseMs`, a minute) closes it, too. `refresh` it while you work.
 *
 * **Example**
 * ```ts
 * const work = Effect.scoped(Effect.gen(function* () {
 *   const room = yield* reserve({ target: 'openai/gpt-5-mini', tokens: 900 })
 *   yield* room.settle({ inputTokens: 870, outputTokens: 120 })
 * }))
 * ```
 */
export const reserve = Effect.fn('plimsoll.reserve')(function* (
  input: CallInput,
): Effect.fn.Return<HeldRoom, PlimsollError, Plimsoll | Scope.Scope> {
  const here = yield* (yield* Plimsoll).here
  const call = yield* coreCall(input)
  return yield* admitted(() => here((core) => core.reserve(call)))
})

const told = <A>(ask: (core: Core) => A | Promise<A>): Effect.Effect<A, PlimsollError, Plimsoll> =>
  Effect.gen(function* () {
    const here = yield* (yield* Plimsoll).here
    return yield* Effect.tryPromise({ try: async () => here(ask), catch: (thrown) => ({ thrown }) }).pipe(
      Effect.catch(({ thrown }) => failedWith<never>(thrown)),
    )
  })

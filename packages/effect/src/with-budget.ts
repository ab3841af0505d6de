import type { Usage } from '@plimsoll/core'
import { Effect } from 'effect'
import { dual } from 'effect/Function'
import { attempted } from './attempt.ts'
import { coreCall } from './call-input.ts'
import type { CallInput } from './call-input.ts'
import type { PlimsollError } from './error.ts'
import { Plimsoll } from './plimsoll.ts'
import { failedWith } from './thrown.ts'
import { throughCore } from './through-core.ts'

export interface BudgetOptions<A> extends CallInput {
  /** What the value says was used. @defaultValue the common shapes of providers and toolkits */
  readonly usage?: (value: A) => Usage | undefined
}

/**
 * Governs an effect: it waits for room, is run, and settled by what it used.
 *
 * **When to use**: around the one effect that calls a provider, however it does that.
 *
 * **Details**: all of the core's policies hold: a rate limit sends it back to the queue, failures that are worth it are
 * tried again, twins share a call. Its own failures come out as they went in, defects and interruptions included, which
 * are never tried again. Interruption leaves the queue, or interrupts the effect, and ends once that is done and settled.
 *
 * **Gotcha**: it is run as often as it is tried: put what must happen once outside.
 *
 * **Example**
 * ```ts
 * const answer = ask('Why?').pipe(
 *   withBudget({ target: 'openai/gpt-5-mini', tokens: 900, usage: (value) => value.usage }),
 * )
 * ```
 */
export const withBudget: {
  <A>(
    options: BudgetOptions<NoInfer<A>>,
  ): <E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PlimsollError, R | Plimsoll>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options: BudgetOptions<NoInfer<A>>,
  ): Effect.Effect<A, E | PlimsollError, R | Plimsoll>
} = dual(2, <A, E, R>(effect: Effect.Effect<A, E, R>, options: BudgetOptions<A>) =>
  Effect.gen(function* () {
    const here = yield* (yield* Plimsoll).here
    const call = yield* coreCall(options)
    const context = yield* Effect.context<R>()
    const { usage } = options
    return yield* throughCore<A, E | PlimsollError>((passage) =>
      here((core) =>
        core.call(
          { ...call, signal: passage.signal },
          ({ signal, ...info }) => attempted(effect, { context, signal, info, leavings: passage.leavings }),
          usage && { usage },
        ),
      ).then(
        (value) => Effect.succeed(value),
        (thrown: unknown) => failedWith<E>(thrown),
      ),
    )
  }).pipe(Effect.withSpan('plimsoll.call', spanOf(options))),
)

/** What a span says of a call: no tenant and no user, which are many. */
export function spanOf({ target }: { readonly target?: string | undefined }): {
  attributes: Record<string, string>
} {
  return { attributes: target === undefined ? {} : { 'plimsoll.target': target } }
}

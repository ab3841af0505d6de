import type { AttemptInfo, HostCall, Outcome } from '@plimsoll/core'
import { Context, Effect } from 'effect'
import { attempted } from './attempt.ts'
import { Plimsoll } from './plimsoll.ts'
import { throughCore } from './through-core.ts'

/** Makes one attempt of an effect. */
export type OpenEffect = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: { context: Context.Context<R>; signal: AbortSignal; info: AttemptInfo },
) => Promise<A>

/** A whole answer's way through the core. */
export function governedEffect<T, Q>(
  call: (open: OpenEffect) => HostCall<T, Q>,
): Effect.Effect<Outcome<T>, never, Plimsoll> {
  return Effect.gen(function* () {
    const here = yield* (yield* Plimsoll).here
    return yield* throughCore<Outcome<T>, never>(({ signal, leavings }) => {
      const open: OpenEffect = (effect, options) => attempted(effect, { ...options, leavings })
      return here((core) => core.execute({ ...call(open), signal })).then(
        (outcome) => Effect.succeed(outcome),
        (thrown: unknown) => Effect.die(thrown),
      )
    })
  })
}

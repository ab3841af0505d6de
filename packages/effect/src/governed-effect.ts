import type { AttemptInfo, HostCall, Outcome } from '@plimsoll/core'
import { Context, Effect } from 'effect'
import { attempted } from './attempt.ts'
import { Leavings } from './leavings.ts'
import { Plimsoll } from './plimsoll.ts'

/** Makes one attempt of an effect. */
export type OpenEffect = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: { context: Context.Context<R>; signal: AbortSignal; info: AttemptInfo },
) => Promise<A>

/** A whole answer's way through the core. An interruption ends once the attempts that end with it have ended. */
export function governedEffect<T, Q>(
  call: (open: OpenEffect) => HostCall<T, Q>,
): Effect.Effect<Outcome<T>, never, Plimsoll> {
  return Effect.gen(function* () {
    const here = yield* (yield* Plimsoll).here
    return yield* Effect.callback<Outcome<T>>((resume) => {
      const caller = new AbortController()
      const leavings = new Leavings()
      const open: OpenEffect = (effect, options) => attempted(effect, { ...options, leavings })
      const done = here((core) => core.execute({ ...call(open), signal: caller.signal })).then(
        (outcome) => resume(Effect.succeed(outcome)),
        (thrown: unknown) => resume(Effect.die(thrown)),
      )
      return Effect.promise(async () => {
        caller.abort()
        await done
        await leavings.gone()
      })
    })
  })
}

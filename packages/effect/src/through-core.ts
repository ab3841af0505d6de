import { Effect } from 'effect'
import { Leavings } from './leavings.ts'

/** With what a call goes through the core: it is to leave on the signal, and its attempts are to be known. */
export interface Passage {
  readonly signal: AbortSignal
  readonly leavings: Leavings
}

/** A call's way through the core as an effect. An interruption ends once the attempts that end with it have ended. */
export function throughCore<A, E>(
  run: (passage: Passage) => Promise<Effect.Effect<A, E>>,
): Effect.Effect<A, E> {
  return Effect.callback<A, E>((resume) => {
    const caller = new AbortController()
    const leavings = new Leavings()
    const done = run({ signal: caller.signal, leavings }).then(resume)
    return Effect.promise(async () => {
      caller.abort()
      await done
      await leavings.gone()
    })
  })
}

import { Effect } from 'effect'
import { EffectFailure } from './attempt.ts'
import { PlimsollError, refusalOf } from './error.ts'

/** What the caller sees of what came out of the core: the effect's own failure whole, or a refusal. */
export function failedWith<E>(thrown: unknown): Effect.Effect<never, E | PlimsollError> {
  // Of an effect of these types: it is its own failure that comes back.
  if (thrown instanceof EffectFailure) return Effect.failCause(thrown.failed as never)
  const refusal = refusalOf(thrown)
  if (refusal !== undefined) return Effect.fail(refusal)
  if (isTimeout(thrown)) return Effect.fail(timedOut(thrown))
  return Effect.die(thrown)
}

/** Asks the core, which throws for a mistake; anything else that it throws is a mistake of ours. */
export function asked<A>(ask: () => A): Effect.Effect<A, PlimsollError> {
  return Effect.suspend(() => {
    try {
      return Effect.succeed(ask())
    } catch (thrown) {
      return failedWith<never>(thrown)
    }
  })
}

function isTimeout(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'TimeoutError'
}

/** An attempt that took longer than `timeouts` allow: no effect has failed, since it was interrupted. */
function timedOut({ message }: Error): PlimsollError {
  return new PlimsollError({ reason: { _tag: 'ProviderFailed', message, attempts: 1, failure: 'timeout' } })
}

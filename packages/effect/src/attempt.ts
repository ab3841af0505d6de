import { AsyncLocalStorage } from 'node:async_hooks'
import type { AttemptInfo } from '@plimsoll/core'
import { Cause, Context, Effect, Exit } from 'effect'
import { CurrentPlace } from './current-call.ts'
import type { Leavings } from './leavings.ts'

/** How an effect failed, thrown through the core: it reads the error, and the whole cause comes out again. */
export class EffectFailure extends Error {
  override readonly name: string
  readonly failed: Cause.Cause<unknown>

  constructor(failed: Cause.Cause<unknown>) {
    const error = Cause.squash(failed)
    super(error instanceof Error ? error.message : '', { cause: error })
    // A defect, or an effect that interrupts itself: no provider has failed, and trying again would only repeat it.
    this.name = Cause.hasFails(failed) ? 'EffectFailure' : 'AbortError'
    this.failed = failed
  }
}

/** What an attempt is made with: the caller's services, and itself as the place of the calls inside. */
export function placed<R>(context: Context.Context<R>): Context.Context<R> {
  return Context.add(context, CurrentPlace, AsyncLocalStorage.snapshot())
}

/**
 * Runs an effect as an attempt of the core's. Rejects with an `EffectFailure`; when the signal aborts the effect is
 * interrupted, and it settles once that is done.
 */
export async function attempted<A, E, R>(
  effect: Effect.Effect<A, E, R>,
  { context, signal, info, leavings }: AttemptOptions<R>,
): Promise<A> {
  const spanned = Effect.withSpan(effect, 'plimsoll.attempt', {
    attributes: { 'plimsoll.target': info.target, 'plimsoll.attempt': info.attempt },
  })
  const done = Effect.runPromiseExitWith(placed(context))(spanned, { signal })
  leavings.add(done, signal)
  const exit = await done
  if (Exit.isSuccess(exit)) return exit.value
  throw new EffectFailure(exit.cause)
}

export interface AttemptOptions<R> {
  readonly context: Context.Context<R>
  readonly signal: AbortSignal
  readonly info: Pick<AttemptInfo, 'target' | 'attempt'>
  readonly leavings: Leavings
}

import type { PlimsollError } from './errors.ts'
import type { Failure } from './outcome.ts'

/** What a gate needs to know of a target. */
export interface Gated {
  readonly id: string
  /** Whose key it is called with: what an auth failure closes. */
  readonly credential: string
}

/**
 * Whether a target may be called at all, beside its limits: a circuit breaker, as the queue sees it. Room is only asked
 * for where the gate is open, so that nobody waits for a target that is down.
 */
export interface Gate {
  /** Why nothing may be sent to it now. `insideProbe`: on behalf of a call that was let in to try it. */
  refusal(target: Gated, insideProbe: boolean): PlimsollError | undefined
  /** One was let in. Its pass is handed back once, when it is over. */
  enter(target: Gated): Pass
  /** What came of it; `undefined` where that says nothing of the target. */
  leave(target: Gated, pass: Pass, how: 'answered' | Failure | undefined): void
}

export interface Pass {
  /** It is the one that tries whether the target is back. */
  readonly probe: boolean
  /** As of when it was let in: what has changed since is not its doing. */
  readonly targetEra: number
  readonly credentialEra: number
}

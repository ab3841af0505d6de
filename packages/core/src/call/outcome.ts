import type { PlimsollError } from './errors.ts'
import type { Finish } from './host.ts'
import type { Usage } from './usage.ts'

/** How a call came out. Policies return it; only an adapter's edge throws. */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly reply: Reply<T> }
  /** The provider failed: it may be tried again. */
  | {
      readonly kind: 'failed'
      readonly failure: Failure
      readonly error: unknown
      /** How often a provider had been asked by then. */
      readonly attempts?: number
    }
  /** Ours: never retried, never held against a provider. */
  | {
      readonly kind: 'rejected'
      /** Whether it was the target that had no room, or the caller's own budget, deadline or mistake. */
      readonly side: 'target' | 'caller'
      /** The limit, budget or policy that said no. */
      readonly by: string
      readonly error: PlimsollError
    }
  /** The caller left: nothing is tried, ever. */
  | { readonly kind: 'aborted'; readonly reason: unknown }

/** An answer that has opened. */
export interface Reply<T> {
  readonly value: T
  readonly target: string
  readonly marks: Marks
  readonly headers: Readonly<Record<string, string>>
  /** Resolves when the answer is over, however that comes about. Never rejects. */
  readonly end: Ending
}

/** The end of an answer to come, or of one that was over when it came. */
export type Ending = Promise<End> & { known?: End }

/** Of an answer that is over: nobody need wait to hear of it. */
export function endedWith(end: End): Ending {
  const ending: Ending = Promise.resolve(end)
  ending.known = end
  return ending
}

/** Tells of the end: at once, where the answer is over. */
export function whenOver(ending: Ending, fn: (end: End) => void): void {
  if (ending.known === undefined) void ending.then(fn)
  else fn(ending.known)
}

export interface Marks {
  readonly cache?: 'hit' | 'stale' | 'joined'
  /** The rung that gave it: `lesser-model`, `shorter`, `partial`, `stale`, `message`, `deferred`. */
  readonly degraded?: string
  /** Another target gave it than the first choice. */
  readonly fallback?: boolean
  /** The diet that its input was cut down by. */
  readonly diet?: string
  /** The usage is an estimate: the provider did not say. */
  readonly estimated?: boolean
}

/**
 * How an answer ended.
 *
 * - `finished`: whole
 * - `interrupted`: the stream stopped without saying that it was complete
 * - `aborted`: the caller left
 * - `failed`: the provider failed midway
 * - `abandoned`: nobody read on, and the lease ran out
 */
export interface End {
  readonly how: 'finished' | 'interrupted' | 'aborted' | 'failed' | 'abandoned'
  /** What the provider reported, or the estimate that was settled by: `exact` says which. */
  readonly usage: Usage
  readonly exact: boolean
  /** Dollars; absent where the price is not known. */
  readonly costUsd?: number
  readonly finish?: Finish
  readonly error?: unknown
  /** What the error was, where it failed midway. */
  readonly failure?: Failure
  /** `partial`: it broke off, and its reader was given what there was as an answer. */
  readonly degraded?: string
}

export type FailureClass =
  | 'rate-limit'
  | 'overloaded'
  | 'server'
  | 'timeout'
  | 'network'
  | 'quota-exhausted'
  | 'auth'
  | 'not-found'
  | 'invalid-request'
  | 'too-large'
  | 'context-overflow'
  | 'content-filter'
  | 'aborted'

/** A provider's failure, classified once by its profile. */
export interface Failure {
  readonly class: FailureClass
  readonly status?: number
  /** How long the provider asked to wait. */
  readonly retryAfterMs?: number
  /** Which counts were exhausted, where the provider said so. */
  readonly exhausted?: readonly ('requests' | 'tokens' | 'input' | 'output')[]
  /** The request certainly never reached the provider (the connection was refused). */
  readonly neverSent?: boolean
}

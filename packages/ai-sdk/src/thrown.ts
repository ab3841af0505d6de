import type { FailureClass, Outcome } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'

/** What Plimsoll has tried again itself, or decided not to. */
const DEALT_WITH: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'rate-limit',
  'overloaded',
  'server',
  'timeout',
  'network',
  'quota-exhausted',
])

/**
 * What the AI SDK is given for an outcome that is no answer. It retries every error that says `isRetryable`, up to
 * `maxRetries` times, and comes in again from the front with each: three tries of ours would be nine. So it gets an error
 * of a class that it does not retry, with the provider's as its cause. An error that it would not retry, and that says
 * what is wrong with the request, stays itself.
 */
export function thrownFor(outcome: Exclude<Outcome<unknown>, { kind: 'ok' }>, target: string): unknown {
  if (outcome.kind === 'aborted') return outcome.reason
  if (outcome.kind === 'rejected') return outcome.error
  const { failure, error, attempts = 1 } = outcome
  // Several targets: what became of each is in it already.
  if (PlimsollError.isInstance(error)) return error
  if (!DEALT_WITH.has(failure.class) && !wouldBeRetried(error)) return error
  const { status, retryAfterMs } = failure
  const times = attempts === 1 ? 'once' : `${attempts} times`
  return new PlimsollError({
    code: 'provider-failed',
    message: `${target} failed, tried ${times}: ${failure.class}${status === undefined ? '' : ` (status ${status})`}.`,
    retryAfterMs,
    attempts,
    failure: failure.class,
    cause: error,
  })
}

function wouldBeRetried(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'isRetryable' in error && error.isRetryable === true
}

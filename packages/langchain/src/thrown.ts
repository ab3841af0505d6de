import type { FailureClass, Outcome } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { PlimsollLangChainError } from './error.ts'

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
 * What LangChain is given for an outcome that is no answer. An error that says what is wrong with the request stays itself;
 * of what was tried as often as it was worth the provider's error is the cause.
 */
export function thrownFor(outcome: Exclude<Outcome<unknown>, { kind: 'ok' }>, target: string): unknown {
  if (outcome.kind === 'aborted') return abortError(outcome.reason)
  if (outcome.kind === 'rejected') return new PlimsollLangChainError(outcome.error)
  const { failure, error, attempts = 1 } = outcome
  // Several targets: what became of each is in it already.
  if (PlimsollError.isInstance(error)) return new PlimsollLangChainError(error)
  if (!DEALT_WITH.has(failure.class)) return error
  const { status, retryAfterMs } = failure
  const times = attempts === 1 ? 'once' : `${attempts} times`
  return new PlimsollLangChainError(
    new PlimsollError({
      code: 'provider-failed',
      message: `${target} failed, tried ${times}: ${failure.class}${status === undefined ? '' : ` (status ${status})`}.`,
      retryAfterMs,
      attempts,
      failure: failure.class,
      cause: error,
    }),
  )
}

/** As LangChain makes an error of a signal's reason, which may be anything. */
export function abortError(reason: unknown): Error {
  if (reason instanceof Error) return reason
  return new Error(typeof reason === 'string' ? reason : 'Aborted')
}

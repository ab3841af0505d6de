import type { ErrorCode, Outcome } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { Clock, DateTime, Duration, Effect } from 'effect'
import { AiError } from 'effect/ai'
import { EffectFailure } from '../attempt.ts'

type NoAnswer = Exclude<Outcome<unknown>, { kind: 'ok' }>

/**
 * What the caller of a model sees of an outcome that is no answer. A decorated model fails as any other: with an
 * `AiError`, or with what a tool has failed with. The core's error is its `cause`, which `PlimsollError.find` sees.
 */
export function noAnswer<E>(outcome: NoAnswer, method: string): Effect.Effect<never, E> {
  if (outcome.kind === 'rejected') return refused(outcome.error, method)
  if (outcome.kind === 'aborted') return brokenOff(outcome.reason, method)
  const { error, failure, attempts = 1 } = outcome
  if (PlimsollError.isInstance(error)) return refused(error, method)
  if (error instanceof EffectFailure && !AiError.isAiError(error.cause)) return whole(error)
  const status = failure.status === undefined ? '' : ` (status ${failure.status})`
  const given = new PlimsollError({
    code: 'provider-failed',
    message: `It failed, tried ${attempts === 1 ? 'once' : `${attempts} times`}: ${failure.class}${status}.`,
    retryAfterMs: failure.retryAfterMs,
    attempts,
    failure: failure.class,
    cause: error instanceof EffectFailure ? error.cause : error,
  })
  const isAtFault = FAULTS.has(failure.class)
  if (error instanceof EffectFailure) {
    // The request, the key or the model is wrong: the provider's own words say it best.
    if (isAtFault) return whole(error)
    return failed(caused((error.cause as AiError.AiError).reason, given, method))
  }
  return failed(caused(new AiError.InternalProviderError({ description: given.message }), given, method))
}

const FAULTS: ReadonlySet<string> = new Set([
  'auth',
  'not-found',
  'invalid-request',
  'too-large',
  'context-overflow',
  'content-filter',
  'aborted',
])

/** The same of what goes wrong once a stream has begun. */
export function brokenOff<E>(thrown: unknown, method: string): Effect.Effect<never, E> {
  if (thrown instanceof EffectFailure) return whole(thrown)
  if (PlimsollError.isInstance(thrown)) return refused(thrown, method)
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return failed(
      AiError.make({
        module: 'Plimsoll',
        method,
        reason: new AiError.InternalProviderError({ description: thrown.message }),
      }),
    )
  }
  return Effect.die(thrown)
}

function whole<E>({ failed: cause }: EffectFailure): Effect.Effect<never, E> {
  return Effect.failCause(cause as never)
}

// A model's methods have the errors of their options in their types, and `AiError` is always one of them.
function failed<E>(error: AiError.AiError): Effect.Effect<never, E> {
  return Effect.fail(error as E)
}

/** A refusal as the reason that retries and plans act upon. */
function refused<E>(error: PlimsollError, method: string): Effect.Effect<never, E> {
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    failed<E>(caused(REASONS[error.code](error, now), error, method)),
  )
}

function caused(reason: AiError.AiErrorReason, cause: PlimsollError, method: string): AiError.AiError {
  const error = AiError.make({ module: 'Plimsoll', method, reason })
  Object.defineProperty(error, 'cause', { value: cause, configurable: true })
  return error
}

type ReasonOf = (error: PlimsollError, now: number) => AiError.AiErrorReason

const metadata = ({ code }: PlimsollError) => ({ plimsoll: { code } })

const limited: ReasonOf = (error, now) => {
  const { retryAfterMs, limit } = error
  // Someone's own budget: no other provider has more of it, and only time brings it back.
  if (limit?.startsWith('budget:') === true) return exhausted(error, now)
  return new AiError.RateLimitError({
    ...(retryAfterMs !== undefined && { retryAfter: Duration.millis(retryAfterMs) }),
    metadata: metadata(error),
  })
}

function exhausted(error: PlimsollError, now: number): AiError.AiErrorReason {
  const { retryAfterMs } = error
  return new AiError.QuotaExhaustedError({
    ...(retryAfterMs !== undefined && {
      resetAt: DateTime.makeUnsafe(now + retryAfterMs),
    }),
    metadata: metadata(error),
  })
}

const wrong: ReasonOf = (error) =>
  new AiError.InvalidRequestError({ description: error.message, metadata: metadata(error) })
const down: ReasonOf = (error) =>
  new AiError.InternalProviderError({ description: error.message, metadata: metadata(error) })
const other: ReasonOf = (error) =>
  new AiError.UnknownError({ description: error.message, metadata: metadata(error) })

const REASONS: Readonly<Record<ErrorCode, ReasonOf>> = {
  'rate-limited': limited,
  'wait-too-long': limited,
  'queue-full': limited,
  'deadline-exceeded': limited,
  'circuit-open': limited,
  'too-large': wrong,
  'invalid-call': wrong,
  'invalid-config': wrong,
  'unknown-price': wrong,
  'provider-failed': down,
  'store-unavailable': down,
  'budgets-unavailable': down,
  'no-target': down,
  'step-timeout': down,
  abandoned: down,
  'invalid-answer': other,
  'feature-off': other,
  deferred: other,
  closed: other,
}

import type { ErrorCode } from '@plimsoll/core'
import { PlimsollError as CoreError } from '@plimsoll/core'
import { Duration, Schema } from 'effect'

/** What each reason says. `retryAfter`: after that the same call has a chance; absent where waiting does not help. */
const FIELDS = {
  message: Schema.String,
  retryAfter: Schema.optional(Schema.Duration),
  /** How often a provider had been asked by then. */
  attempts: Schema.Int,
  /** The key of the limit or budget that was short. */
  limit: Schema.optional(Schema.String),
  /** The class of the provider's failure. */
  failure: Schema.optional(Schema.String),
}

const reason = <const Tag extends string>(tag: Tag) => Schema.TaggedStruct(tag, FIELDS)

/** Why Plimsoll said no: the core's `ErrorCode`s, as tags. */
export const PlimsollReason = Schema.Union([
  reason('InvalidConfig'),
  reason('InvalidCall'),
  reason('TooLarge'),
  reason('QueueFull'),
  reason('WaitTooLong'),
  reason('DeadlineExceeded'),
  reason('RateLimited'),
  reason('CircuitOpen'),
  reason('ProviderFailed'),
  reason('StoreUnavailable'),
  reason('BudgetsUnavailable'),
  reason('UnknownPrice'),
  reason('NoTarget'),
  reason('InvalidAnswer'),
  reason('FeatureOff'),
  reason('Deferred'),
  reason('StepTimeout'),
  reason('Abandoned'),
  reason('Closed'),
])

export type PlimsollReason = typeof PlimsollReason.Type

const TAGS: Readonly<Record<ErrorCode, PlimsollReason['_tag']>> = {
  'invalid-config': 'InvalidConfig',
  'invalid-call': 'InvalidCall',
  'too-large': 'TooLarge',
  'queue-full': 'QueueFull',
  'wait-too-long': 'WaitTooLong',
  'deadline-exceeded': 'DeadlineExceeded',
  'rate-limited': 'RateLimited',
  'circuit-open': 'CircuitOpen',
  'provider-failed': 'ProviderFailed',
  'store-unavailable': 'StoreUnavailable',
  'budgets-unavailable': 'BudgetsUnavailable',
  'unknown-price': 'UnknownPrice',
  'no-target': 'NoTarget',
  'invalid-answer': 'InvalidAnswer',
  'feature-off': 'FeatureOff',
  deferred: 'Deferred',
  'step-timeout': 'StepTimeout',
  abandoned: 'Abandoned',
  closed: 'Closed',
}

/**
 * A refusal of Plimsoll's own, with its `reason`. What a governed effect itself fails with stays as it is.
 *
 * **When to use**: `Effect.catchReason` for one reason, `Effect.catchTag('PlimsollError', ...)` for all.
 *
 * **Details**: a reason is `{ message, retryAfter?, attempts, limit?, failure? }`.
 *
 * **Gotcha**: `cause` is the core's error; it does not travel when the error is encoded.
 *
 * **Example**
 * ```ts
 * governed.pipe(Effect.catchReason('PlimsollError', 'WaitTooLong', ({ retryAfter }) => Effect.succeed(retryAfter)))
 * ```
 */
export class PlimsollError extends Schema.TaggedError<PlimsollError>('@plimsoll/effect/PlimsollError')(
  'PlimsollError',
  { reason: PlimsollReason },
) {
  override get message(): string {
    return this.reason.message
  }

  /** Milliseconds are the core's; here it is a `Duration`. */
  get retryAfter(): Duration.Duration | undefined {
    return this.reason.retryAfter
  }
}

/** The core's refusal in Effect's terms. */
export function fromCore(error: CoreError): PlimsollError {
  const { code, message, retryAfterMs, attempts, limit, failure } = error
  const refusal = new PlimsollError({
    reason: {
      _tag: TAGS[code],
      message,
      attempts,
      ...(retryAfterMs !== undefined && { retryAfter: Duration.millis(retryAfterMs) }),
      ...(limit !== undefined && { limit }),
      ...(failure !== undefined && { failure }),
    },
  })
  // Not enumerable, as in the core: a refusal that is logged carries no provider's request along.
  Object.defineProperty(refusal, 'cause', { value: error, configurable: true })
  return refusal
}

/** What was thrown as a refusal, where it is one. */
export function refusalOf(thrown: unknown): PlimsollError | undefined {
  return CoreError.isInstance(thrown) ? fromCore(thrown) : undefined
}

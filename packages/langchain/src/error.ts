import { LangChainError, stampRetryable } from '@langchain/core/errors'
import type { ErrorCode, FailureClass, PlimsollError } from '@plimsoll/core'

const MARKER = Symbol.for('plimsoll.error')

/**
 * A refusal of Plimsoll's, as LangChain has errors: it extends `LangChainError`, and says that it is not to be retried.
 * `PlimsollError.isInstance` and `PlimsollError.find` know it, the latter through a `MiddlewareError` too.
 *
 * **Gotcha**: `withRetry` and `modelFallbackMiddleware` do not look at what an error says of retries: both try again.
 */
export class PlimsollLangChainError extends LangChainError {
  override name = 'PlimsollError'
  readonly code: ErrorCode
  /** Milliseconds after which the same call has a chance. Absent where waiting does not help. */
  declare readonly retryAfterMs?: number
  /** How often the provider was asked before it came to this. */
  readonly attempts: number
  /** The key of the limit or budget that was short. */
  declare readonly limit?: string
  /** How the provider failed. */
  declare readonly failure?: FailureClass

  constructor({ code, message, retryAfterMs, attempts, limit, failure, cause }: PlimsollError) {
    super(message)
    this.code = code
    this.attempts = attempts
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
    if (limit !== undefined) this.limit = limit
    if (failure !== undefined) this.failure = failure
    Object.defineProperty(this, MARKER, { value: true })
    // Not enumerable, so that a logged refusal does not carry a provider's request along.
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, configurable: true })
    stampRetryable(this, false)
  }
}

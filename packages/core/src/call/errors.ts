import type { FailureClass } from './outcome.ts'

const MARKER = Symbol.for('plimsoll.error')

/**
 * Why Plimsoll said no.
 *
 * - `invalid-config`, `invalid-call`: a mistake in code; the message names the field and the mend
 * - `too-large`: no bucket could ever hold the call
 * - `queue-full`: as many wait as may
 * - `wait-too-long`: the predicted wait passes the deadline
 * - `deadline-exceeded`: the deadline passed in the queue
 * - `rate-limited`: the provider's limit was met, and its wait passes the deadline
 * - `circuit-open`: the target, or its credential, has failed so often that it is not called for a while
 * - `provider-failed`: the provider failed, and was tried as often as it was worth; `failure` is how, `cause` its error
 * - `store-unavailable`: what is left of a limit could not be known
 * - `budgets-unavailable`: the call's budgets could not be looked up
 * - `unknown-price`: a budget counts money, and nobody knows what the call costs
 * - `no-target`: none of the task's targets could answer
 * - `invalid-answer`: no answer passed the task's `validate`
 * - `feature-off`: the feature is switched off
 * - `deferred`: the call was put into the task's queue, and will be made later
 * - `step-timeout`: a step of a workflow took longer than it may
 * - `abandoned`: nobody read the answer on, and its lease ran out
 * - `closed`: Plimsoll was closed
 */
export type ErrorCode =
  | 'invalid-config'
  | 'invalid-call'
  | 'too-large'
  | 'queue-full'
  | 'wait-too-long'
  | 'deadline-exceeded'
  | 'rate-limited'
  | 'circuit-open'
  | 'provider-failed'
  | 'store-unavailable'
  | 'budgets-unavailable'
  | 'unknown-price'
  | 'no-target'
  | 'invalid-answer'
  | 'feature-off'
  | 'deferred'
  | 'step-timeout'
  | 'abandoned'
  | 'closed'

export interface PlimsollErrorOptions {
  code: ErrorCode
  message: string
  /** Milliseconds after which the same call has a chance. Absent where waiting does not help. */
  retryAfterMs?: number | undefined
  /** How often the provider was asked before it came to this. */
  attempts?: number | undefined
  /** The key of the limit or budget that was short, such as `limit:openai/gpt-5-mini:tokens`. */
  limit?: string | undefined
  /** How the provider failed. */
  failure?: FailureClass | undefined
  cause?: unknown
}

/**
 * A refusal of Plimsoll's own. Toolkits do not retry it; a provider's error keeps its own class.
 *
 * **Gotcha**: `instanceof` fails across two copies of the package, and toolkits wrap what they catch;
 * `PlimsollError.isInstance(error)` sees through both.
 */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError'
  readonly code: ErrorCode
  // Declared only: a field that says nothing is not there.
  declare readonly retryAfterMs?: number
  readonly attempts: number
  declare readonly limit?: string
  declare readonly failure?: FailureClass

  constructor({ code, message, retryAfterMs, attempts = 0, limit, failure, cause }: PlimsollErrorOptions) {
    super(message)
    this.code = code
    this.attempts = attempts
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
    if (limit !== undefined) this.limit = limit
    if (failure !== undefined) this.failure = failure
    Object.defineProperty(this, MARKER, { value: true })
    // Not enumerable, so that a logged refusal does not carry a provider's request along.
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, configurable: true })
  }

  /** Whether this is one, from whichever copy of the package. */
  static isInstance(error: unknown): error is PlimsollError {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[MARKER] === true
  }

  /** The refusal that this error is or was caused by, however deep a toolkit has wrapped it. */
  static find(error: unknown): PlimsollError | undefined {
    let current = error
    for (let depth = 0; depth < 16; depth++) {
      if (PlimsollError.isInstance(current)) return current
      if (typeof current !== 'object' || current === null) return undefined
      current = causeOf(current)
    }
    return undefined
  }
}

/** What an error was caused by, by the names that toolkits have for it. */
function causeOf(error: object): unknown {
  try {
    const { cause, lastError } = error as { cause?: unknown; lastError?: unknown }
    return cause ?? lastError
  } catch {
    return undefined
  }
}

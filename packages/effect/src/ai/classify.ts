import type { ErrorFacts } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { Duration, Redacted } from 'effect'
import { AiError } from 'effect/ai'
import { EffectFailure } from '../attempt.ts'

type Reason = AiError.AiError['reason']

/**
 * What an `AiError` says of the exchange behind it, for the core to class it by: its status, its headers (which hold a
 * wait that `retryAfter` does not: an HTTP date, `retry-after-ms`, one beside a 503) and the provider's own words.
 *
 * **When to use**: in a host of your own, to class errors as the layers of this package do.
 *
 * **Details**: an answer that does not fit its schema says nothing, and is not tried again: it would be paid for again.
 * A task's `validate` may ask for that.
 *
 * **Gotcha**: headers whose values are redacted are left out.
 *
 * **Example**
 * ```ts
 * const { status, headers } = aiErrorFacts(error)
 * ```
 */
export function aiErrorFacts({ reason }: AiError.AiError): ErrorFacts {
  return ofReason(reason)
}

/** The same of what an attempt has thrown. What is no `AiError` is a tool's, or a mistake, and says nothing. */
export function thrownFacts(thrown: unknown): ErrorFacts {
  if (!(thrown instanceof EffectFailure)) return errorFacts(thrown)
  if (thrown.name === 'AbortError') return { aborted: true }
  return AiError.isAiError(thrown.cause) ? aiErrorFacts(thrown.cause) : {}
}

function ofReason(reason: Reason): ErrorFacts {
  const said = ofExchange(reason)
  const asked = 'retryAfter' in reason && reason.retryAfter !== undefined ? reason.retryAfter : undefined
  const wait = asked === undefined ? {} : { retryDelay: `${Duration.toSeconds(asked)}s` }
  return { ...unsaid(reason, said), ...wait, ...said }
}

/** As the provider wrote it. */
function ofExchange(reason: Reason): ErrorFacts {
  const { response, body } = 'http' in reason ? (reason.http ?? {}) : {}
  if (response === undefined) return {}
  return errorFacts({
    statusCode: response.status,
    responseHeaders: plainHeaders(response.headers),
    message: reason.message,
    ...(body !== undefined && { responseBody: body }),
  })
}

/** What the reason stands for where no status says it. */
function unsaid(reason: Reason, { status }: ErrorFacts): ErrorFacts {
  switch (reason._tag) {
    case 'QuotaExhaustedError':
      return { status: 429, code: 'insufficient_quota' }
    case 'ContentPolicyError':
      return { status: 400, code: 'content_filter' }
    case 'NetworkError':
      return reason.reason === 'TransportError' ? { systemCode: 'UNKNOWN', ...errorFacts(reason.cause) } : {}
    case 'RateLimitError':
      return { status: 429, message: reason.message }
    case 'AuthenticationError':
      return { status: 401 }
    case 'InternalProviderError':
      return { status: 500, message: reason.description }
    case 'InvalidResponseError':
      // It came, and could not be read: a gateway's page, a body cut short.
      return { status: status ?? 200 }
    case 'InvalidRequestError':
      return { status: 400, message: reason.message }
    default:
      return {}
  }
}

/** Lower-case names; values that are kept from view tell of no limit. */
export function plainHeaders(
  headers: Readonly<Record<string, string | Redacted.Redacted<string>>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    ),
  )
}

import type { ApiError, ApiErrorKind } from '../http/api-error.ts'
import type { LimitState } from '../limits/limit-state.ts'
import type { Model } from '../model.ts'
import type { WrittenError } from './dialect.ts'
import { findLimit, remaining } from './openai-headers.ts'

const KINDS: Record<ApiErrorKind, { status: number; type: string }> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  unauthorized: { status: 401, type: 'authentication_error' },
  'model-not-found': { status: 404, type: 'not_found_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  'method-not-allowed': { status: 405, type: 'invalid_request_error' },
  'body-too-large': { status: 413, type: 'request_too_large' },
  'rate-limit': { status: 429, type: 'rate_limit_error' },
  'request-too-large': { status: 429, type: 'rate_limit_error' },
  'insufficient-quota': { status: 400, type: 'invalid_request_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
  'server-error': { status: 500, type: 'api_error' },
}

/** `anthropic-ratelimit-*`, as of now; `tokens` shows the tightest when there is no limit on both together. */
export function anthropicLimitHeaders({ limiter, settings }: Model, now: number): Record<string, string> {
  const headers: Record<string, string> = {}
  const { limits } = limiter
  const input = findLimit(limits, 'input')
  const output = findLimit(limits, 'output')
  const tokens = findLimit(limits, 'tokens') ?? tightest(now, input, output)
  const shown = {
    requests: findLimit(limits, 'requests'),
    tokens,
    'input-tokens': input,
    'output-tokens': output,
  }
  for (const [name, limit] of Object.entries(shown)) {
    if (!limit) continue
    const left = remaining(limit, now)
    const rounded = settings.roundRemaining && name !== 'requests' ? Math.round(left / 1000) * 1000 : left
    headers[`anthropic-ratelimit-${name}-limit`] = String(limit.settings.amount)
    headers[`anthropic-ratelimit-${name}-remaining`] = String(rounded)
    // With milliseconds, which the real ones lack: a minute here may last a second.
    headers[`anthropic-ratelimit-${name}-reset`] = new Date(
      Date.now() + Math.ceil(limit.meter.fullResetMs(now)),
    ).toISOString()
  }
  return headers
}

function tightest(now: number, ...limits: (LimitState | undefined)[]): LimitState | undefined {
  let found: LimitState | undefined
  let least = Infinity
  for (const limit of limits) {
    if (!limit) continue
    const share = remaining(limit, now) / limit.meter.capacity
    if (share >= least) continue
    found = limit
    least = share
  }
  return found
}

export function anthropicError(error: ApiError, { requestId }: { requestId: string }): WrittenError {
  const { status, type } = KINDS[error.kind]
  const headers: Record<string, string> = {}
  // Fractions of a second, for minutes that are scaled down; the real header is in whole seconds.
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs) / 1000)
  return {
    status,
    headers,
    body: { type: 'error', error: { type, message: describe(error) }, request_id: requestId },
  }
}

function describe({ kind, refusal, message }: ApiError): string {
  if (kind === 'insufficient-quota') return 'You have reached your specified API usage limits.'
  if (kind === 'overloaded') return 'Overloaded'
  if (kind === 'server-error') return 'Internal server error'
  if (!refusal) return message
  if (refusal.unit === 'concurrency') {
    return 'Number of concurrent connections has exceeded your rate limit. Please try again later.'
  }
  return `This request would exceed your organization's rate limit of ${Math.floor(refusal.limit)} ${refusal.name}.`
}

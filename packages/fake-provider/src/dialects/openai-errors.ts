import type { ApiError, ApiErrorKind } from '../http/api-error.ts'
import type { WrittenError } from './dialect.ts'
import { formatDuration } from './openai-headers.ts'

const KINDS: Record<ApiErrorKind, { status: number; type: string; code: string | null }> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', code: null },
  unauthorized: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  'model-not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  'not-found': { status: 404, type: 'invalid_request_error', code: null },
  'method-not-allowed': { status: 405, type: 'invalid_request_error', code: null },
  'body-too-large': { status: 413, type: 'invalid_request_error', code: null },
  'rate-limit': { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  'request-too-large': { status: 429, type: 'tokens', code: 'rate_limit_exceeded' },
  'insufficient-quota': { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  overloaded: { status: 503, type: 'server_error', code: 'server_is_overloaded' },
  'server-error': { status: 500, type: 'server_error', code: null },
}

export function openAiError(error: ApiError, { model }: { model: string }): WrittenError {
  const { status, type, code } = KINDS[error.kind]
  const headers: Record<string, string> = {}
  if (error.retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000))
    headers['retry-after-ms'] = String(Math.ceil(error.retryAfterMs))
  }
  const { refusal } = error
  const body = {
    error: {
      message: refusal ? describe(error, model) : error.message,
      type: refusal && refusal.unit !== 'requests' && refusal.unit !== 'concurrency' ? 'tokens' : type,
      param: error.param ?? null,
      code,
    },
  }
  return { status, headers, body }
}

function describe({ kind, refusal, retryAfterMs, message }: ApiError, model: string): string {
  if (!refusal) return message
  const where = `${model} in organization org-fake on ${refusal.name}`
  const limit = Math.floor(refusal.limit)
  const requested = Math.ceil(refusal.requested)
  if (kind === 'request-too-large') {
    return (
      `Request too large for ${where}: Limit ${limit}, Requested ${requested}. ` +
      'The input or output tokens must be reduced in order to run successfully.'
    )
  }
  const wait = retryAfterMs === undefined ? '' : ` Please try again in ${formatDuration(retryAfterMs)}.`
  const used = Math.ceil(refusal.used)
  return `Rate limit reached for ${where}: Limit ${limit}, Used ${used}, Requested ${requested}.${wait}`
}

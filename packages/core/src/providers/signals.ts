import type { FailureClass } from '../call/outcome.ts'
import type { Unit } from './profile.ts'

/** What providers call a failure in `error.type` or `error.code`, in lower case. */
const WORDS: Readonly<Partial<Record<FailureClass, readonly string[]>>> = {
  'quota-exhausted': [
    'insufficient_quota',
    'credit_balance_exhausted',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
    'billing_hard_limit_reached',
    'enforced_spend_limit_reached',
    'billing_error',
    'insufficient_balance',
  ],
  'context-overflow': ['context_length_exceeded', 'model_context_window_exceeded', 'string_above_max_length'],
  'content-filter': [
    'content_filter',
    'content_policy_violation',
    'responsibleaipolicyviolation',
    'moderation_blocked',
  ],
  'too-large': ['request_too_large'],
  overloaded: [
    'overloaded',
    'overloaded_error',
    'server_is_overloaded',
    'engine_overloaded',
    'resource_unavailable',
    'capacity_exceeded',
    'unavailable',
    'service_unavailable',
    'serviceunavailableexception',
    'modelnotreadyexception',
  ],
  'rate-limit': [
    'rate_limit_error',
    'rate_limit_exceeded',
    'slow_down',
    'too_many_requests',
    'resource_exhausted',
    'throttlingexception',
  ],
  timeout: ['timeout_error', 'request_timeout', 'deadline_exceeded', 'modeltimeoutexception'],
  server: [
    'server_error',
    'api_error',
    'internal',
    'internal_error',
    'internal_server_error',
    'internalserverexception',
    'modelstreamerrorexception',
    'modelerrorexception',
  ],
  auth: [
    'authentication_error',
    'invalid_api_key',
    'permission_error',
    'permission_denied',
    'unauthenticated',
    'accessdeniedexception',
  ],
  'not-found': ['not_found', 'not_found_error', 'model_not_found', 'resourcenotfoundexception'],
}

const CLASS_OF: ReadonlyMap<string, FailureClass> = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) =>
    words.map((word) => [word, kind as FailureClass] as const),
  ),
)

/** The class that the provider's own words name: its code says more than its type. */
export function classOfWords(code: string | undefined, type: string | undefined): FailureClass | undefined {
  return CLASS_OF.get(code?.toLowerCase() ?? '') ?? CLASS_OF.get(type?.toLowerCase() ?? '')
}

const TOO_LARGE = /\brequest too large\b/i
const SPENT = /reached your specified api usage limits|credit balance is too low|insufficient balance/i
const OVERFLOW = new RegExp(
  [
    'maximum context length',
    'prompt is too long',
    'input is too long',
    'exceeds? (?:the |your )?(?:model.s )?(?:context|maximum number of tokens)',
    'context (?:window|length|size) (?:is |was )?(?:exceeded|too small)',
    'exceeds the (?:available )?context',
  ].join('|'),
  'i',
)
const FILTERED =
  /content (?:management|filtering) policy|blocked by content filter|rejected .{0,40}safety system/i
const BAD_KEY = /\b(?:incorrect|invalid) api key|api key (?:not valid|expired|not found)/i
const NO_CAPACITY = /\bresource unavailable\b|\boverloaded\b/i

/**
 * The class that a message gives away where status and words do not tell it from its neighbours. Only asked with a
 * status at hand: an application's own errors may speak of anything.
 */
export function classOfMessage(status: number, message: string): FailureClass | undefined {
  if ((status === 429 || status === 413) && TOO_LARGE.test(message)) return 'too-large'
  if (status === 429 && NO_CAPACITY.test(message)) return 'overloaded'
  if (status === 400 || status === 403 || status === 413 || status === 422) {
    if (SPENT.test(message)) return 'quota-exhausted'
    if (OVERFLOW.test(message)) return 'context-overflow'
    if (FILTERED.test(message)) return 'content-filter'
    if (BAD_KEY.test(message)) return 'auth'
  }
  return undefined
}

const UNIT_NAMES: readonly (readonly [Unit, RegExp])[] = [
  [
    'requests',
    /\brequests? per (?:second|min|hour|day)|\((?:RPS|RPM|RPD)\)|\bcall rate limit|number of requests\b/i,
  ],
  ['input', /\b(?:input|prompt) tokens? per |\(ITP[MD]\)/i],
  ['output', /\b(?:output|completion) tokens? per |\(OTP[MD]\)/i],
  [
    'tokens',
    /(?<!\b(?:input|output|prompt|completion) )\btokens? per (?:second|min|hour|day)|\(TP[MDS]\)|\btoken rate limit|number of request tokens\b/i,
  ],
]

/** Which counts a message says were exhausted: `on tokens per min (TPM): Limit 30000, ...`. */
export function unitsOfMessage(message: string): readonly Unit[] {
  return UNIT_NAMES.filter(([, pattern]) => pattern.test(message)).map(([unit]) => unit)
}

const WINDOW = /\bper[ -](second|min|hour|day)|\((?:RP|TP|ITP|OTP)([SMHD])\)/i
const WINDOW_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** The window of the limit that a message says was met, in milliseconds. */
export function windowOfMessage(message: string): number | undefined {
  const found = WINDOW.exec(message)
  const letter = (found?.[1] ?? found?.[2])?.[0]
  return letter === undefined ? undefined : WINDOW_MS[letter.toLowerCase()]
}

const HINT = /\b(?:try again|retry) (?:in|after) ([\d.]+ ?(?:milliseconds?|ms|s|m|h)[\dhms.]*)/i

/** The wait named in a message, as a Go duration: `Please try again in 6m0s`, `retry after 6 seconds`. */
export function hintOfMessage(message: string): string | undefined {
  const hint = HINT.exec(message)?.[1]?.toLowerCase()
  return hint
    ?.replace(/milliseconds?/, 'ms')
    .replace(' ', '')
    .replace(/\.$/, '')
}

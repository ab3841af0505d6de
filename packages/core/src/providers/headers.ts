import type { HeaderFacts, Observation, Unit } from './profile.ts'

/** Lower-case names to values: what `fetch` and toolkits give, once their names are lowered. */
export type HeaderRecord = Readonly<Record<string, string>>

const LONGEST_VALUE = 64
const COUNT = /^\d{1,15}(?:\.\d{1,15})?$/
const GO_DURATION = /^(?:\d{1,15}(?:\.\d{0,15})?(?:ns|us|µs|μs|ms|s|m|h))+$/
const GO_PART = /(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)/g
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/
const HTTP_DATE = /^[A-Za-z]{3,9},? \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d(?: GMT| UTC)?$/
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** The header's own value: an inherited `constructor` is none. */
function valueOf(headers: HeaderRecord, name: string): string | undefined {
  const value: unknown = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' && value.length <= LONGEST_VALUE ? value.trim() : undefined
}

/** A count that is neither negative nor in any unit; fractions are allowed. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && COUNT.test(text) ? Number(text) : undefined
}

/** Milliseconds of `88ms`, `1s`, `6m0s`, `2m59.56s`, `1h2m`. */
export function parseGoDuration(text: string | undefined): number | undefined {
  if (text === undefined || text.length > LONGEST_VALUE || !GO_DURATION.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(GO_PART)) total += Number(amount) * (UNIT_MS[unit!] ?? 0)
  // Sums of fractions end in ...0001; whole microseconds are as exact as any of these headers is.
  return Math.round(total * 1_000) / 1_000
}

/** Milliseconds from `now` to an instant such as `2026-11-23T06:05:00Z`; 0 when it has passed. */
export function parseRfc3339(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !RFC_3339.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/**
 * The wait that `retry-after-ms` and `retry-after` (seconds, fractions allowed, or an HTTP date) ask for, however
 * long. Where both are there and differ by no more than rounding, the finer one counts, else the longer.
 * A date that has passed asks for nothing: it may be the clocks that differ.
 */
export function parseRetryAfter(headers: HeaderRecord, now: number): number | undefined {
  const fine = parseCount(valueOf(headers, 'retry-after-ms'))
  const coarse = parseSecondsOrDate(valueOf(headers, 'retry-after'), now)
  if (fine === undefined || coarse === undefined) return fine ?? coarse
  return Math.abs(fine - coarse) <= 1_000 ? fine : Math.max(fine, coarse)
}

function parseSecondsOrDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const seconds = parseCount(text)
  if (seconds !== undefined) return Math.round(seconds * 1e6) / 1e3
  if (!HTTP_DATE.test(text) && !RFC_3339.test(text)) return undefined
  const waitMs = Date.parse(text) - now
  return waitMs > 0 ? waitMs : undefined
}

/** How one provider writes one limit: `{prefix}-limit-{name}` or `{prefix}-{name}-limit`. */
export interface LimitHeaders {
  readonly unit: Unit
  readonly perMs: number
  readonly limit: string
  readonly remaining: string
  readonly reset: string
  readonly parseReset: (text: string | undefined, now: number) => number | undefined
}

/** Reads each limit that the response speaks of, and the wait it asks for. */
export function readHeaders(
  headers: HeaderRecord,
  now: number,
  limits: readonly LimitHeaders[],
): HeaderFacts {
  const observations: Observation[] = []
  for (const { unit, perMs, ...names } of limits) {
    const limit = parseCount(valueOf(headers, names.limit))
    const remaining = parseCount(valueOf(headers, names.remaining))
    const resetMs = names.parseReset(valueOf(headers, names.reset), now)
    // A limit of 0 is how servers write "not limited in this": taken at its word it would refuse every call.
    if (limit === 0 || (limit === undefined && remaining === undefined)) continue
    observations.push({
      unit,
      perMs,
      ...(limit !== undefined && { limit }),
      ...(remaining !== undefined && { remaining }),
      ...(resetMs !== undefined && { resetMs }),
    })
  }
  const retryAfterMs = parseRetryAfter(headers, now)
  return retryAfterMs === undefined ? { observations } : { observations, retryAfterMs }
}

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, resets as Go durations: OpenAI's, and widely copied. */
export function openaiLimitHeaders({
  requestsPerMs = 60_000,
  tokensPerMs = 60_000,
}: { requestsPerMs?: number; tokensPerMs?: number } = {}): readonly LimitHeaders[] {
  return (['requests', 'tokens'] as const).map((unit) => ({
    unit,
    perMs: unit === 'requests' ? requestsPerMs : tokensPerMs,
    limit: `x-ratelimit-limit-${unit}`,
    remaining: `x-ratelimit-remaining-${unit}`,
    reset: `x-ratelimit-reset-${unit}`,
    parseReset: parseGoDuration,
  }))
}

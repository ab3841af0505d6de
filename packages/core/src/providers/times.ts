import type { TimeFormat } from './provider-profile.ts'

const LONGEST = 64
const COUNT = /^\d{1,15}(?:\.\d{1,15})?$/
const GO_DURATION = /^(?:\d{1,15}(?:\.\d{0,15})?(?:ns|us|µs|μs|ms|s|m|h))+$/
const GO_PART = /(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)/g
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/
const HTTP_DATE = /^[A-Za-z]{3,9},? \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d (?:GMT|UTC)$/
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

/** A count that is neither negative nor in any unit; fractions are allowed. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && COUNT.test(text) ? Number(text) : undefined
}

/** Milliseconds of `88ms`, `1s`, `6m0s`, `2m59.56s`, `1h2m`. */
export function parseGoDuration(text: string | undefined): number | undefined {
  if (text === undefined || text.length > LONGEST || !GO_DURATION.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(GO_PART)) total += Number(amount) * UNIT_MS[unit!]!
  return rounded(total)
}

/** Milliseconds from `now` to an instant such as `2026-11-23T06:05:00Z`; 0 when it has passed. */
export function parseRfc3339(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !RFC_3339.test(text)) return undefined
  return until(Date.parse(text), now)
}

/**
 * Milliseconds of `retry-after`: seconds, fractions allowed, or a date. A date that has passed asks for nothing: it may
 * be the clocks that differ.
 */
export function parseSecondsOrDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const secondsMs = scaled(text, 1_000)
  if (secondsMs !== undefined) return secondsMs
  if (!HTTP_DATE.test(text) && !RFC_3339.test(text)) return undefined
  const waitMs = Date.parse(text) - now
  return waitMs > 0 ? waitMs : undefined
}

/** Milliseconds from `now`, of a time that is written in one of these ways. */
export const TIMES: Readonly<
  Record<TimeFormat, (text: string | undefined, now: number) => number | undefined>
> = {
  'go-duration': parseGoDuration,
  seconds: (text) => scaled(text, 1_000),
  milliseconds: (text) => scaled(text, 1),
  rfc3339: parseRfc3339,
  'epoch-seconds': (text, now) => until(scaled(text, 1_000), now),
  'epoch-milliseconds': (text, now) => until(scaled(text, 1), now),
}

function scaled(text: string | undefined, unitMs: number): number | undefined {
  const count = parseCount(text)
  return count === undefined ? undefined : rounded(count * unitMs)
}

/** Sums of fractions end in ...0001; whole microseconds are as exact as any of these headers is. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}

function until(at: number | undefined, now: number): number | undefined {
  return at === undefined || Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

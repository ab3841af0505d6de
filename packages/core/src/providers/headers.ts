import type { HeaderFacts, Observation } from './profile.ts'
import type { LimitHeaders, WaitHeader } from './provider-profile.ts'
import { parseCount, parseSecondsOrDate, TIMES } from './times.ts'

/** Lower-case names to values: what `fetch` and toolkits give, once their names are lowered. */
export type HeaderRecord = Readonly<Record<string, string>>

const LONGEST_VALUE = 64

/** The header's own value: an inherited `constructor` is none. */
function valueOf(headers: HeaderRecord, name: string | undefined): string | undefined {
  const value: unknown = name !== undefined && Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' && value.length <= LONGEST_VALUE ? value.trim() : undefined
}

/**
 * The wait that `retry-after-ms` and `retry-after` ask for, however long. Where both are there and differ by no more than
 * rounding, the finer one counts, else the longer.
 */
export function parseRetryAfter(headers: HeaderRecord, now: number): number | undefined {
  const fine = parseCount(valueOf(headers, 'retry-after-ms'))
  const coarse = parseSecondsOrDate(valueOf(headers, 'retry-after'), now)
  if (fine === undefined || coarse === undefined) return fine ?? coarse
  return Math.abs(fine - coarse) <= 1_000 ? fine : Math.max(fine, coarse)
}

/** A reader of each limit that a response speaks of, and of the wait it asks for. */
export function headerReader(
  limits: readonly LimitHeaders[],
  waits: readonly WaitHeader[],
): (headers: HeaderRecord, now: number) => HeaderFacts {
  // What only repeats others is looked at when those have been.
  const named = [...limits.filter((one) => !one.unless), ...limits.filter((one) => one.unless)].map(
    withLowerNames,
  )
  const asked = waits.map(({ header, as }) => ({ header: header.toLowerCase(), as }))
  return (headers, now) => {
    const observations: Observation[] = []
    for (const limit of named) {
      const repeats = observations.some(({ unit }) => limit.unless?.includes(unit) === true)
      const observation = repeats ? undefined : observed(headers, now, limit)
      if (observation !== undefined) observations.push(observation)
    }
    const retryAfterMs = parseRetryAfter(headers, now) ?? askedFor(headers, now, asked)
    return retryAfterMs === undefined ? { observations } : { observations, retryAfterMs }
  }
}

function observed(headers: HeaderRecord, now: number, names: LimitHeaders): Observation | undefined {
  const { unit, perMs, resetAs, assumed } = names
  const limit = parseCount(valueOf(headers, names.limit))
  const remaining = parseCount(valueOf(headers, names.remaining))
  // A limit of 0 is how servers write "not limited in this": taken at its word it would refuse every call.
  if (limit === 0 || (limit === undefined && remaining === undefined)) return undefined
  const resetMs = resetAs && TIMES[resetAs](valueOf(headers, names.reset), now)
  return {
    unit,
    perMs,
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(assumed === true && { assumed }),
  }
}

function askedFor(headers: HeaderRecord, now: number, waits: readonly WaitHeader[]): number | undefined {
  for (const { header, as } of waits) {
    const waitMs = TIMES[as](valueOf(headers, header), now)
    // An instant that has passed asks for nothing: it may be the clocks that differ.
    if (waitMs !== undefined && waitMs > 0) return waitMs
  }
  return undefined
}

function withLowerNames({ limit, remaining, reset, ...rest }: LimitHeaders): LimitHeaders {
  return {
    ...rest,
    ...(limit !== undefined && { limit: limit.toLowerCase() }),
    ...(remaining !== undefined && { remaining: remaining.toLowerCase() }),
    ...(reset !== undefined && { reset: reset.toLowerCase() }),
  }
}

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, resets as Go durations: OpenAI's names, and widely copied. */
export function openaiHeaders(unit: 'requests' | 'tokens', perMs: number): LimitHeaders {
  return {
    unit,
    perMs,
    limit: `x-ratelimit-limit-${unit}`,
    remaining: `x-ratelimit-remaining-${unit}`,
    reset: `x-ratelimit-reset-${unit}`,
    resetAs: 'go-duration',
  }
}

/** The same of a minute, as OpenAI has it; those who copy the names need not have its windows. */
export const OPENAI_HEADERS: readonly LimitHeaders[] = [
  { ...openaiHeaders('requests', 60_000), assumed: true },
  { ...openaiHeaders('tokens', 60_000), assumed: true },
]

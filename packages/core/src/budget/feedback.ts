import type { Observation, ProviderFailure } from '../providers/profile.ts'
import type { Op, Told } from '../store/port.ts'
import type { ChargeLine } from './charges.ts'
import type { Learnt } from './learner.ts'
import type { Target } from './target.ts'

/** A provider that says no and not for how long is asked again after this, twice as long each time, */
const FIRST_PAUSE_MS = 500
/** up to this. */
const LONGEST_PAUSE_MS = 30_000
const MINUTE_MS = 60_000
/** A hint names the first moment there is room; nobody gains by being there at once. */
const JITTER = 0.05

/** What the headers of an answer change. */
export function fromHeaders(target: Target, observations: readonly Observation[], ageMs: number): Told[] {
  const ops: Told[] = []
  for (const observation of observations) {
    const line = lineOf(target.limits.lines, observation)
    if (line === undefined || observation.remaining === undefined) continue
    const { bucket } = line
    ops.push({
      type: 'observe',
      bucket,
      remaining: observation.remaining,
      resetMs: observation.resetMs,
      ageMs,
    })
  }
  return ops
}

/**
 * Which limit a header is about: the one of its unit and window. Where the window is only assumed, one that is as large as
 * the header says is the likelier. A header about another limit (of a day, of an account) says nothing about this one.
 */
function lineOf(
  lines: readonly ChargeLine[],
  { unit, limit, perMs, assumed }: Observation,
): ChargeLine | undefined {
  const candidates = lines.filter((line) => line.unit === unit)
  const sameWindow = candidates.find(({ bucket }) => bucket.perMs === perMs)
  const isAsLarge = ({ bucket }: ChargeLine): boolean =>
    limit !== undefined && Math.abs(bucket.capacity - limit) <= limit / 100
  if (assumed !== true || (sameWindow !== undefined && isAsLarge(sameWindow))) return sameWindow
  return candidates.find(isAsLarge) ?? sameWindow
}

/** A rate limit pauses what it was about, for everyone behind it. */
export function fromRateLimit(
  target: Target,
  failure: ProviderFailure,
  random: number,
): Extract<Op, { type: 'pause' }> {
  const { lines } = target.limits
  const meant = linesMet(lines, failure)
  return {
    type: 'pause',
    buckets: meant.map(({ bucket }) => bucket),
    forMs: pauseMs(target, failure, random),
    largest: meant.map((line) => target.largest[lines.indexOf(line)]!),
  }
}

/**
 * Which limits were met. What is paused is let in again at its own rate, for as long as its window: to take a limit of a day
 * for one of a minute would slow it down for a day.
 */
function linesMet(
  lines: readonly ChargeLine[],
  { exhausted, windowMs, retryAfterMs }: ProviderFailure,
): readonly ChargeLine[] {
  const waitMs = isHint(retryAfterMs) ? retryAfterMs : 0
  const named = lines.filter(({ unit }) => exhausted?.some((one) => one === unit) === true)
  const known =
    windowMs === undefined
      ? fitting(named, waitMs)
      : ofLongestWindow(named.filter((line) => shortestOf(line) <= windowMs))
  if (known.length > 0) return known
  const rates = lines.filter(({ unit }) => unit !== 'slots')
  const slots = lines.filter(({ unit }) => unit === 'slots')
  return [...fitting(rates, waitMs), ...slots]
}

/** Those of a minute or less that one may have to wait so long for; else those of the shortest window that one may. */
function fitting(lines: readonly ChargeLine[], waitMs: number): readonly ChargeLine[] {
  const possible = lines.filter(({ bucket }) => bucket.perMs >= waitMs)
  if (possible.length === 0) return ofLongestWindow(lines)
  const shortest = Math.min(...possible.map(({ bucket }) => bucket.perMs))
  return possible.filter(({ bucket }) => bucket.perMs <= Math.max(shortest, MINUTE_MS))
}

/** One that is counted in another window than it is written for is meant by either. */
function shortestOf({ bucket, written }: ChargeLine): number {
  return Math.min(bucket.perMs, written?.perMs ?? bucket.perMs)
}

function ofLongestWindow(lines: readonly ChargeLine[]): readonly ChargeLine[] {
  const longestMs = Math.max(...lines.map(({ bucket }) => bucket.perMs))
  return lines.filter(({ bucket }) => bucket.perMs === longestMs)
}

function pauseMs(target: Target, { retryAfterMs }: ProviderFailure, random: number): number {
  if (isHint(retryAfterMs)) return retryAfterMs * (1 + JITTER * random)
  // Full jitter would let the first come back at once; half of it is enough to part processes.
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** target.turnedBack)
  return longest * (0.5 + 0.5 * random)
}

/** A hint of no time is none: to obey it would be to hammer. */
function isHint(waitMs: number | undefined): waitMs is number {
  return waitMs !== undefined && waitMs > 0
}

/** Sets a limit to what was learnt of it; what is in use or owed stays so. */
export function resize({ line, capacity, perMs }: Learnt): Told {
  line.bucket = { ...line.bucket, capacity, perMs }
  return { type: 'resize', bucket: line.bucket }
}

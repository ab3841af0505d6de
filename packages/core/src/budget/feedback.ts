import type { Failure } from '../call/outcome.ts'
import type { Observation } from '../providers/profile.ts'
import type { Op, Told } from '../store/port.ts'
import type { ChargeLine } from './charges.ts'
import type { Learnt } from './learner.ts'
import type { Target } from './target.ts'

/** A provider that says no and not for how long is asked again after this, twice as long each time, */
const FIRST_PAUSE_MS = 500
/** up to this. */
const LONGEST_PAUSE_MS = 30_000
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
 * Which limit a header is about: one of its unit, and as large as the header says or for the same window. A header about
 * another limit (of a day, of an account) says nothing about this one.
 */
function lineOf(lines: readonly ChargeLine[], { unit, limit, perMs }: Observation): ChargeLine | undefined {
  const candidates = lines.filter((line) => line.unit === unit)
  const asLarge = ({ bucket }: ChargeLine) =>
    limit !== undefined && Math.abs(bucket.capacity - limit) <= limit / 100
  return candidates.find(asLarge) ?? candidates.find(({ bucket }) => bucket.perMs === perMs)
}

/** A rate limit pauses what it was about, for everyone behind it. */
export function fromRateLimit(
  target: Target,
  failure: Failure,
  random: number,
): Extract<Op, { type: 'pause' }> {
  const { lines } = target.limits
  const named = lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => failure.exhausted?.some((unit) => unit === line.unit) === true)
  const paused = named.length > 0 ? named : lines.map((line, index) => ({ line, index }))
  return {
    type: 'pause',
    buckets: paused.map(({ line }) => line.bucket),
    forMs: pauseMs(target, failure, random),
    largest: paused.map(({ index }) => target.largest[index]!),
  }
}

function pauseMs(target: Target, { retryAfterMs }: Failure, random: number): number {
  // A hint of no time is none: to obey it would be to hammer.
  if (retryAfterMs !== undefined && retryAfterMs > 0) return retryAfterMs * (1 + JITTER * random)
  // Full jitter would let the first come back at once; half of it is enough to part processes.
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** target.turnedBack)
  return longest * (0.5 + 0.5 * random)
}

/** Sets a limit to what was learnt of it; what is in use or owed stays so. */
export function resize({ line, capacity, perMs }: Learnt): Told {
  line.bucket = { ...line.bucket, capacity, perMs }
  return { type: 'resize', bucket: line.bucket }
}

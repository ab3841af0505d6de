import type { Bucket } from '@plimsoll/core'
import type { Sent } from './fleet.fixture.ts'

/**
 * By how much the calls of a whole fleet exceed a bucket, by the plainest reading of its rule: what its provider has counted,
 * and what it may still count of what is in flight. 0 where they do not.
 */
export function excess(bucket: Bucket, log: readonly Sent[], now: number): number {
  const own = log.filter((one) => one.bucket.key === bucket.key)
  if (bucket.algorithm === 'slots') return over(sum(own.filter(({ isOver }) => !isOver)), bucket)
  const inFlight = sum(own.filter(({ at, isOver }) => at === undefined && !isOver))
  return over(inFlight + usedOf(bucket, own, now), bucket)
}

/** What its provider has counted, and not let go of yet. */
function usedOf(
  { algorithm, perMs, capacity, phaseMs = 0 }: Bucket,
  own: readonly Sent[],
  now: number,
): number {
  const counted = own.filter(({ at }) => at !== undefined)
  if (algorithm === 'quota') return sum(counted)
  if (algorithm === 'sliding-window') return sum(counted.filter(({ at }) => at! > now - perMs))
  if (algorithm === 'fixed-window') {
    const window = Math.floor((now - phaseMs) / perMs)
    return sum(counted.filter(({ at }) => Math.floor((at! - phaseMs) / perMs) === window))
  }
  let level = capacity
  let before = Number.NEGATIVE_INFINITY
  for (const { at, amount } of counted.toSorted((one, other) => one.at! - other.at!)) {
    if (before > Number.NEGATIVE_INFINITY)
      level = Math.min(capacity, level + ((at! - before) * capacity) / perMs)
    before = at!
    level -= amount
  }
  if (before > Number.NEGATIVE_INFINITY)
    level = Math.min(capacity, level + ((now - before) * capacity) / perMs)
  return capacity - level
}

function over(used: number, { capacity }: Bucket): number {
  return used > capacity * (1 + 1e-6) ? used - capacity : 0
}

function sum(log: readonly Sent[]): number {
  return log.reduce((total, { amount }) => total + amount, 0)
}

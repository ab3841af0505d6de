import type { Bucket } from './port.ts'

/** As it was before it went through JSON. */
export function withInfinities(bucket: Bucket): Bucket {
  const { capacity, perMs, amount } = bucket
  return {
    ...bucket,
    capacity: capacity ?? Number.POSITIVE_INFINITY,
    perMs: perMs ?? Number.POSITIVE_INFINITY,
    ...(amount === null ? { amount: Number.POSITIVE_INFINITY } : {}),
  }
}

/** `bucket`, as large as `sized`. */
export function withSizeOf({ capacity, amount }: Bucket, bucket: Bucket): Bucket {
  const { amount: _, ...rest } = bucket
  return { ...rest, capacity, ...(amount === undefined ? {} : { amount }) }
}

/** What was counted under the one means the same under the other, but for how much there is in how long. */
export function countsAlike(one: Bucket, other: Bucket): boolean {
  return (
    one.algorithm === other.algorithm &&
    one.phaseMs === other.phaseMs &&
    one.live === other.live &&
    one.steps === other.steps &&
    one.guardMs === other.guardMs &&
    one.forgettable === other.forgettable
  )
}

export function isSame(one: Bucket, other: Bucket): boolean {
  return (
    countsAlike(one, other) &&
    one.estimated === other.estimated &&
    one.capacity === other.capacity &&
    one.perMs === other.perMs &&
    one.amount === other.amount &&
    one.calendar?.every === other.calendar?.every &&
    one.calendar?.timeZone === other.calendar?.timeZone
  )
}

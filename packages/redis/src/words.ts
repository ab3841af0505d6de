import type { Bucket, Op, ReservationId, ReserveOp } from '@plimsoll/core'
import { periodAt } from '@plimsoll/core/store'
import type { LeaseOp } from './leases/lease-op.ts'
import { leaseWords } from './leases/lease-words.ts'

/** Who asks: ids and holders are numbers of one process, and many processes share a namespace. */
export interface Speaker {
  readonly instance: string
  /** The server's time, as far as it is known here: for the periods of calendars. */
  now(): number
}

/** What has to be told to a store that was away: a reservation it never saw, and what was used meanwhile. */
export type Missed =
  | { readonly type: 'adopt'; readonly reserve: ReserveOp }
  | {
      readonly type: 'charge'
      readonly id: number
      readonly buckets: readonly Bucket[]
      readonly amounts: readonly number[]
    }
  /** Is it there, and does it still know what it knew? */
  | { readonly type: 'hello' }

/** All that the script can be asked for. */
export type Asked = Op | Missed | LeaseOp

/** An operation as the script reads it. */
export function wordsOf(op: Asked, speaker: Speaker): string[] {
  const name = (id: ReservationId): string => `${speaker.instance}:${id}`
  switch (op.type) {
    case 'reserve': {
      const parent = op.parent === undefined ? '' : name(op.parent)
      const { rank, claimable, leaseMs, buckets, amounts, leaves } = op
      const who = [name(op.id), name(op.holder), `${rank}`, `${claimable}`, `${leaseMs}`, parent]
      return [op.type, ...who, ...bucketWords(buckets, amounts, leaves, speaker)]
    }
    case 'adopt': {
      const [, ...words] = wordsOf(op.reserve, speaker)
      return [op.type, ...words]
    }
    case 'charge':
      return [op.type, name(op.id), ...bucketWords(op.buckets, op.amounts, [], speaker)]
    case 'hello':
      return [op.type]
    case 'acknowledge':
    case 'refresh':
    case 'release-slots':
    case 'cancel':
      return [op.type, name(op.id)]
    case 'settle':
      return [op.type, name(op.id), op.refund ? '1' : '0', `${op.amounts.length}`, ...op.amounts.map(String)]
    case 'unclaim':
      return [op.type, name(op.holder), `${op.buckets.length}`, ...op.buckets.map(({ key }) => key)]
    case 'lead':
      return [op.type, op.key, name(op.holder), `${op.rank}`, `${op.ttlMs}`]
    case 'unlead':
      return [op.type, op.key, name(op.holder), `${op.overMs}`]
    case 'pause': {
      const largest = op.buckets.map((_, index) => op.largest[index] ?? 0)
      return [op.type, `${op.forMs}`, ...bucketWords(op.buckets, largest, [], speaker)]
    }
    case 'observe': {
      const resetMs = op.resetMs === undefined ? '' : `${op.resetMs}`
      return [
        op.type,
        `${op.remaining}`,
        resetMs,
        `${op.ageMs}`,
        ...bucketWords([op.bucket], [], [], speaker),
      ]
    }
    case 'resize':
      return [op.type, ...bucketWords([op.bucket], [], [], speaker)]
    case 'forget':
      return [op.type, `${op.keys.length}`, ...op.keys]
    case 'forget-holder':
      return [op.type, op.holder]
    case 'lease': {
      const { seq, slices } = op
      const buckets = slices.map(({ bucket }) => bucket)
      const wanted = slices.map((slice) => slice.wanted)
      const leaves = slices.map(({ leave }) => leave)
      return [op.type, `${seq}`, ...bucketWords(buckets, wanted, leaves, speaker), ...leaseWords(op)]
    }
    case 'peek':
      return [op.type, ...bucketWords(op.buckets, op.amounts, op.leaves, speaker)]
  }
}

function bucketWords(
  buckets: readonly Bucket[],
  amounts: readonly number[],
  leaves: readonly number[],
  speaker: Speaker,
): string[] {
  const words = [`${buckets.length}`]
  for (const [index, bucket] of buckets.entries()) {
    const span = bucket.algorithm === 'quota' && bucket.calendar !== undefined ? spanOf(bucket, speaker) : ''
    words.push(bucket.key, definitionOf(bucket), span, `${amounts[index] ?? 0}`, `${leaves[index] ?? 0}`)
  }
  return words
}

/** The period that is now, and the end of the next: where our idea of the server's time is a little off. */
function spanOf({ calendar }: Bucket, { now }: Speaker): string {
  const { start, end } = periodAt(now(), calendar!)
  return `${start} ${end} ${periodAt(end, calendar!).end}`
}

/** Buckets are asked about again and again: their description is written once. */
const definitions = new WeakMap<Bucket, string>()

function definitionOf(bucket: Bucket): string {
  let json = definitions.get(bucket)
  if (json === undefined) {
    const { algorithm, capacity, perMs, amount, phaseMs, live, forgettable, steps, guardMs } = bucket
    json = JSON.stringify({
      algorithm,
      capacity: text(capacity),
      perMs: text(perMs),
      amount: text(amount),
      phaseMs: text(phaseMs),
      live: live === true ? true : undefined,
      forgettable: forgettable === true ? true : undefined,
      steps: text(steps),
      guardMs: text(guardMs),
    })
    definitions.set(bucket, json)
  }
  return json
}

/** JSON has no infinity. */
function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}`
}

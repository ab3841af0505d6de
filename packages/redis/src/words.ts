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
      const { rank, claimable, leaseMs, buckets, amounts, leaves } = op
      const words = bucketWords(buckets, amounts, leaves, speaker)
      const parent = op.parent === undefined ? [] : [name(op.parent)]
      return [op.type, ...words, `${rank} ${claimable} ${leaseMs}`, name(op.id), name(op.holder), ...parent]
    }
    case 'adopt': {
      const [, ...words] = wordsOf(op.reserve, speaker)
      return [op.type, ...words]
    }
    case 'charge':
      return [op.type, ...bucketWords(op.buckets, op.amounts, [], speaker), name(op.id)]
    case 'hello':
      return [op.type]
    case 'acknowledge':
    case 'refresh':
    case 'release-slots':
    case 'cancel':
      return [op.type, name(op.id)]
    case 'settle':
      return [op.type, name(op.id), op.refund ? '1' : '0', listOf(op.amounts)]
    case 'unclaim':
      return [op.type, name(op.holder), `${op.buckets.length}`, ...op.buckets.map(({ key }) => key)]
    case 'lead':
      return [op.type, op.key, name(op.holder), `${op.rank}`, `${op.ttlMs}`]
    case 'unlead':
      return [op.type, op.key, name(op.holder), `${op.overMs}`]
    case 'pause': {
      const largest = op.buckets.map((_, index) => op.largest[index] ?? 0)
      return [op.type, ...bucketWords(op.buckets, largest, [], speaker), `${op.forMs}`]
    }
    case 'observe': {
      const resetMs = op.resetMs === undefined ? '' : `${op.resetMs}`
      const buckets = wordsOfOne(op.bucket, speaker)
      return [op.type, ...buckets, `${op.remaining}`, resetMs, `${op.ageMs}`]
    }
    case 'resize':
      return [op.type, ...wordsOfOne(op.bucket, speaker)]
    case 'forget':
      return [op.type, `${op.keys.length}`, ...op.keys]
    case 'forget-holder':
      return [op.type, op.holder]
    case 'lease': {
      const { seq, slices } = op
      const buckets = slices.map(({ bucket }) => bucket)
      const wanted = slices.map((slice) => slice.wanted)
      const leaves = slices.map(({ leave }) => leave)
      return [op.type, ...bucketWords(buckets, wanted, leaves, speaker), `${seq}`, ...leaseWords(op)]
    }
    case 'peek':
      return [op.type, ...bucketWords(op.buckets, op.amounts, op.leaves, speaker)]
  }
}

/**
 * As few words as may be, for each takes its time on both sides: what these buckets are, a line each, which is the same in
 * operation after operation and so is worked out once; how much of each; what must stay behind, where anything must.
 */
function bucketWords(
  buckets: readonly Bucket[],
  amounts: readonly number[],
  leaves: readonly number[],
  speaker: Speaker,
): string[] {
  const kept = leaves.some((leave) => leave !== 0) ? listOf(leaves) : ''
  return [descriptionOf(buckets, speaker.now()), listOf(amounts), kept]
}

/** JSON, which the server reads faster than anything else, and infinities, which it takes as well. */
function listOf(numbers: readonly number[]): string {
  return `[${numbers.join(',')}]`
}

/** One that the operation says no amount of. */
function wordsOfOne(bucket: Bucket, speaker: Speaker): string[] {
  let alone = single.get(bucket)
  if (alone === undefined) single.set(bucket, (alone = [bucket]))
  return bucketWords(alone, [0], [], speaker)
}

const single = new WeakMap<Bucket, readonly Bucket[]>()

/** Calls of the same kind ask about the same list, again and again. Calendars hold from `start` to `end`. */
const descriptions = new WeakMap<
  readonly Bucket[],
  { readonly words: string; readonly start: number; readonly end: number }
>()

function descriptionOf(buckets: readonly Bucket[], now: number): string {
  const known = descriptions.get(buckets)
  if (known !== undefined && now >= known.start && now < known.end) return known.words
  let [start, end] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const lines = buckets.map((bucket) => {
    const periods = periodsOf(bucket, now)
    if (periods !== undefined) [start, end] = [Math.max(start, periods[0]), Math.min(end, periods[1])]
    return `${bucket.key}\n${definitionOf(bucket)}\n${periods?.join(' ') ?? ''}`
  })
  const words = lines.join('\n')
  descriptions.set(buckets, { words, start, end })
  return words
}

/** The period that is now, and the end of the next: where our idea of the server's time is a little off. */
function periodsOf({ algorithm, calendar }: Bucket, now: number): [number, number, number] | undefined {
  if (algorithm !== 'quota' || calendar === undefined) return undefined
  const { start, end } = periodAt(now, calendar)
  return [start, end, periodAt(end, calendar).end]
}

function definitionOf(bucket: Bucket): string {
  const { algorithm, capacity, perMs, amount, phaseMs, live, forgettable, estimated, steps, guardMs } = bucket
  const flags = `${live === true ? 'l' : ''}${forgettable === true ? 'f' : ''}${estimated === true ? 'e' : ''}`
  const numbers = [capacity, perMs, amount, phaseMs, steps, guardMs].map((number) => number ?? '')
  return `${LETTERS[algorithm]}${flags} ${numbers.join(' ')}`
}

const LETTERS: Record<Bucket['algorithm'], string> = {
  'token-bucket': 't',
  'sliding-window': 'w',
  'fixed-window': 'f',
  quota: 'q',
  slots: 's',
}

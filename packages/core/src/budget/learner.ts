import { sliced } from '../providers/counting.ts'
import type { Observation } from '../providers/profile.ts'
import type { ChargingRule } from '../providers/provider-profile.ts'
import type { ChargeLine } from './charges.ts'

/** How many calls at once until the first answer tells more. */
export const FIRST_SLOTS = 8
const MOST_SLOTS = 10_000
/** What a rate limit leaves of the slots (additive increase, multiplicative decrease; Netflix concurrency-limits). */
const DECREASE = 0.9
/** A limit of a day or a month does not tell how many calls at once there may be. */
const LONGEST_TELLING_MS = 60_000

export interface Learnt {
  readonly line: ChargeLine
  readonly capacity: number
  readonly perMs: number
}

/**
 * Finds out a target's limits from its answers: from headers where there are any, else by how many calls at once it
 * bears. Every limit it may find is there from the start, unlimited, so that what is used counts before it is known.
 */
export class Learner {
  readonly #lines: readonly ChargeLine[]
  readonly #slots: ChargeLine
  /** Its provider counts calls at once, which no header tells of. */
  readonly #bySlots: boolean
  #toldByHeaders = false
  /** How many were in use when it was told to slow down: so many it may grow to again. */
  #rampTo: number | undefined
  /** Answers since the last slot that it grew by. */
  #rampAnswers = 0

  constructor(lines: readonly ChargeLine[], charging: ChargingRule = 'actual') {
    this.#lines = lines
    this.#slots = lines.find(({ unit }) => unit === 'slots')!
    this.#bySlots = charging === 'slot'
  }

  /** What headers say of how large the limits are. */
  told(observations: readonly Observation[]): Learnt[] {
    const learnt: Learnt[] = []
    for (const { unit, perMs, limit } of observations) {
      // Less than one would let no call through at all.
      if (limit === undefined || !(limit >= 1)) continue
      const line = this.#lines.find((one) => one.unit === unit && (one.written ?? one.bucket).perMs === perMs)
      if (line === undefined) continue
      if (perMs <= LONGEST_TELLING_MS) this.#toldByHeaders = true
      const { bucket } = line
      const told = countedAs(line, limit)
      if (bucket.capacity !== told.capacity || bucket.perMs !== told.perMs) learnt.push({ line, ...told })
    }
    if (!this.#adapts && this.#slots.bucket.capacity !== MOST_SLOTS) learnt.push(this.#resized(MOST_SLOTS))
    return learnt
  }

  /** A call was answered while so many were in use. */
  answered(inUse: number): Learnt[] {
    const { capacity } = this.#slots.bucket
    // Only what was nearly used has been shown to be borne.
    if (!this.#adapts || inUse * 2 < capacity || capacity >= MOST_SLOTS) return []
    return this.#rampTo === undefined ? [this.#resized(capacity + 1)] : this.#ramped(capacity, this.#rampTo)
  }

  /** A rate limit was met. */
  rateLimited(): Learnt[] {
    if (this.#toldByHeaders && !this.#bySlots) return []
    return [this.#resized(Math.max(1, Math.floor(this.#slots.bucket.capacity * DECREASE)))]
  }

  /** Traffic as a whole grew too fast, while so many calls were in use: half of them, and slowly up from there. */
  slowedDown(inUse: number): Learnt[] {
    const used = Math.min(inUse, this.#slots.bucket.capacity)
    this.#rampTo = Math.max(used, this.#rampTo ?? 0)
    this.#rampAnswers = 0
    return [this.#resized(Math.max(1, Math.floor(used / 2)))]
  }

  /** One slot more for each round of answers, until it is where it was. */
  #ramped(capacity: number, rampTo: number): Learnt[] {
    this.#rampAnswers++
    if (this.#rampAnswers < capacity) return []
    this.#rampAnswers = 0
    if (capacity + 1 < rampTo) return [this.#resized(capacity + 1)]
    this.#rampTo = undefined
    return [this.#resized(this.#adapts ? capacity + 1 : MOST_SLOTS)]
  }

  /** Whether slots are what holds it back. */
  get #adapts(): boolean {
    return this.#bySlots || !this.#toldByHeaders || this.#rampTo !== undefined
  }

  #resized(capacity: number): Learnt {
    return { line: this.#slots, capacity, perMs: this.#slots.bucket.perMs }
  }
}

/** A limit as it is counted, of as much as its provider writes. */
function countedAs({ bucket, written }: ChargeLine, limit: number): Omit<Learnt, 'line'> {
  if (written === undefined) return { capacity: limit, perMs: bucket.perMs }
  const { perMs, sliceMs } = written
  if (sliceMs !== undefined) return sliced(limit, { perMs, sliceMs })
  return { capacity: (limit * bucket.perMs) / perMs, perMs: bucket.perMs }
}

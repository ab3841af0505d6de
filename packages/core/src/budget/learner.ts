import type { Observation, Unit } from '../providers/profile.ts'
import type { ChargeLine } from './charges.ts'

/** How many calls at once until the first answer tells more. */
export const FIRST_SLOTS = 8
const MOST_SLOTS = 10_000
/** What a rate limit leaves of the slots (additive increase, multiplicative decrease; Netflix concurrency-limits). */
const DECREASE = 0.9

export interface Learnt {
  readonly line: ChargeLine
  readonly capacity: number
}

/**
 * Finds out a target's limits from its answers: from headers where there are any, else by how many calls at once it
 * bears. Every limit it may find is there from the start, unlimited, so that what is used counts before it is known.
 */
export class Learner {
  readonly #lines: readonly ChargeLine[]
  readonly #slots: ChargeLine
  #toldByHeaders = false

  constructor(lines: readonly ChargeLine[]) {
    this.#lines = lines
    this.#slots = lines.find(({ unit }) => unit === 'slots')!
  }

  /** Which limits are to be resized after an answer with these headers. */
  answered(observations: readonly Observation[], inUse: number): Learnt[] {
    const learnt: Learnt[] = []
    for (const { unit, limit } of observations) {
      const line = this.#line(unit)
      if (line === undefined || limit === undefined || !(limit > 0)) continue
      this.#toldByHeaders = true
      if (line.bucket.capacity !== limit) learnt.push({ line, capacity: limit })
    }
    const { capacity } = this.#slots.bucket
    if (this.#toldByHeaders) {
      if (capacity !== MOST_SLOTS) learnt.push({ line: this.#slots, capacity: MOST_SLOTS })
    } else if (inUse * 2 >= capacity && capacity < MOST_SLOTS) {
      // Only what was nearly used has been shown to be borne.
      learnt.push({ line: this.#slots, capacity: capacity + 1 })
    }
    return learnt
  }

  rateLimited(): Learnt[] {
    if (this.#toldByHeaders) return []
    return [{ line: this.#slots, capacity: Math.max(1, Math.floor(this.#slots.bucket.capacity * DECREASE)) }]
  }

  #line(unit: Unit): ChargeLine | undefined {
    return this.#lines.find((line) => line.unit === unit)
  }
}

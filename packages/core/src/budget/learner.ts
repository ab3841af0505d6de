import type { Observation } from '../providers/profile.ts'
import type { ChargeLine } from './charges.ts'

/** How many calls at once until the first answer tells more. */
export const FIRST_SLOTS = 8
const MOST_SLOTS = 10_000
/** What a rate limit leaves of the slots (additive increase, multiplicative decrease; Netflix concurrency-limits). */
const DECREASE = 0.9

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
  #toldByHeaders = false

  constructor(lines: readonly ChargeLine[]) {
    this.#lines = lines
    this.#slots = lines.find(({ unit }) => unit === 'slots')!
  }

  /** What headers say of how large the limits are. */
  told(observations: readonly Observation[]): Learnt[] {
    const learnt: Learnt[] = []
    for (const { unit, limit, perMs } of observations) {
      const line = this.#lines.find((candidate) => candidate.unit === unit)
      if (line === undefined || limit === undefined || !(limit > 0)) continue
      this.#toldByHeaders = true
      const { bucket } = line
      if (bucket.capacity !== limit || bucket.perMs !== perMs) learnt.push({ line, capacity: limit, perMs })
    }
    if (this.#toldByHeaders && this.#slots.bucket.capacity !== MOST_SLOTS)
      learnt.push(this.#resized(MOST_SLOTS))
    return learnt
  }

  /** A call was answered while so many were in use. */
  answered(inUse: number): Learnt[] {
    const { capacity } = this.#slots.bucket
    // Only what was nearly used has been shown to be borne.
    if (this.#toldByHeaders || inUse * 2 < capacity || capacity >= MOST_SLOTS) return []
    return [this.#resized(capacity + 1)]
  }

  rateLimited(): Learnt[] {
    if (this.#toldByHeaders) return []
    return [this.#resized(Math.max(1, Math.floor(this.#slots.bucket.capacity * DECREASE)))]
  }

  #resized(capacity: number): Learnt {
    return { line: this.#slots, capacity, perMs: this.#slots.bucket.perMs }
  }
}

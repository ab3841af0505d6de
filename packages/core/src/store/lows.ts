/** Lows that are told apart; of more, those after the oldest go, and it stands in for them. */
const MOST = 16

/** From when, and how much. Null where there is no limit. */
export type SavedLow = readonly [from: number, free: number | null]

/**
 * The least that was free since any moment. What is free only rises between the moments at which it is noted: of those
 * that each later one is below, nothing is kept but when they began.
 */
export class Lows {
  readonly #from: number[] = []
  readonly #free: number[] = []

  /** So much is free, and it was more before. */
  add(now: number, free: number): void {
    const before = this.#free.length
    let index = before
    while (index > 0 && this.#free[index - 1]! >= free) index--
    // As a rule it is lower than the last alone, and takes its place.
    this.#free[index] = free
    if (index === before) this.#from[index] = now
    else if (index < before - 1) this.#from.length = this.#free.length = index + 1
    if (index < MOST) return
    // The oldest is lower than it: never more than was free.
    this.#from.splice(1, 1)
    this.#free.splice(1, 1)
  }

  /** The lowest from when it was last noted up to `at`; `Infinity` where it never was. */
  since(at: number): number {
    let index = this.#from.length - 1
    while (index > 0 && this.#from[index]! > at) index--
    return this.#free[index] ?? Number.POSITIVE_INFINITY
  }

  save(): SavedLow[] {
    return this.#from.map((from, index) => [from, this.#free[index]!])
  }

  restore(saved: readonly SavedLow[], backMs: number): void {
    for (const [from, free] of saved) {
      this.#from.push(from - backMs)
      this.#free.push(free ?? Number.POSITIVE_INFINITY)
    }
  }
}

/** Peaks that are told apart; older ones are taken together, as high as the highest of them. */
const MOST = 64

/**
 * The highest level since any moment. Levels only rise between charges, so the level before each charge is all there is
 * to keep, and of those only the ones that no later one exceeds.
 */
export class Peaks {
  readonly #at: number[] = []
  readonly #levels: number[] = []

  /** The level before a charge. */
  add(now: number, level: number): void {
    while (this.#levels.length > 0 && this.#levels.at(-1)! <= level) {
      this.#levels.pop()
      this.#at.pop()
    }
    this.#at.push(now)
    this.#levels.push(level)
    if (this.#at.length <= MOST) return
    // The oldest two become one: at the later time, and as high as the earlier, so never lower than it was.
    this.#at.shift()
    this.#levels.splice(1, 1)
  }

  /** The highest after `at`; `-Infinity` when there was no charge since. */
  since(at: number): number {
    let highest = Number.NEGATIVE_INFINITY
    for (let index = this.#at.length - 1; index >= 0 && this.#at[index]! > at; index--) {
      highest = Math.max(highest, this.#levels[index]!)
    }
    return highest
  }

  /** Had less been charged at `at`, every level since would have been higher by this much. */
  raise(at: number, by: number): void {
    for (let index = this.#at.length - 1; index >= 0 && this.#at[index]! > at; index--)
      this.#levels[index]! += by
  }
}

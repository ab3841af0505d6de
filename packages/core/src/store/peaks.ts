/** Peaks that are told apart; older ones are taken together, as high as the highest of them. */
const MOST = 64

/**
 * The highest level since any moment. Levels only rise between charges, so the level before each charge is all there is
 * to keep, and of those only the ones that no later one exceeds.
 */
export class Peaks {
  readonly #at: number[] = []
  readonly #levels: number[] = []
  /** Those before it are gone. */
  #first = 0

  /** The level before a charge. */
  add(now: number, level: number): void {
    const [at, levels] = [this.#at, this.#levels]
    let end = levels.length
    while (end > this.#first && levels[end - 1]! <= level) end--
    at[end] = now
    levels[end] = level
    if (end + 1 < levels.length) at.length = levels.length = end + 1
    if (levels.length - this.#first > MOST) this.#unite()
  }

  /** The highest after `at`; `-Infinity` when there was no charge since. */
  since(at: number): number {
    let highest = Number.NEGATIVE_INFINITY
    for (let index = this.#at.length - 1; index >= this.#first && this.#at[index]! > at; index--) {
      highest = Math.max(highest, this.#levels[index]!)
    }
    return highest
  }

  /** Had less been charged at `at`, every level since would have been higher by this much. */
  raise(at: number, by: number): void {
    for (let index = this.#at.length - 1; index >= this.#first && this.#at[index]! > at; index--)
      this.#levels[index]! += by
  }

  /** The oldest two become one: at the later time, and as high as the earlier, so never lower than it was. */
  #unite(): void {
    this.#levels[this.#first + 1] = this.#levels[this.#first]!
    this.#first++
    // To close the gap each time would be to move all of them each time.
    if (this.#first < MOST) return
    this.#at.splice(0, this.#first)
    this.#levels.splice(0, this.#first)
    this.#first = 0
  }
}

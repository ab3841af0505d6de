export interface TryBudgetOptions {
  /** Tries a second that are there whatever happens, */
  readonly perSecond: number
  /** kept up to so many; it begins with them. */
  readonly least: number
  /** No more than this is saved up. */
  readonly most: number
}

/**
 * How many extra tries a target is given, whoever makes them: a token bucket that successes feed.
 *
 * Why a budget and not only a maximum of tries? A maximum bounds what one call costs, and multiplies when all of them
 * fail: three tries each are three times the load, on a provider that is failing because it has too much of it. What keeps
 * an overload alive is just that. A budget bounds the load itself: of 1,000 calls a tenth may be repeated, whether 1 %
 * fail (then all are) or all do (then hardly any, for nothing feeds it). The floor is for whoever calls so rarely that a
 * tenth of it is nothing: one call a minute may always be repeated.
 */
export class TryBudget {
  readonly #options: TryBudgetOptions
  #tokens: number
  #at: number

  constructor(options: TryBudgetOptions, now: number) {
    this.#options = options
    this.#tokens = options.least
    this.#at = now
  }

  /** A first try came out well: so much of a repeat is earned by it. */
  earned(part: number): void {
    this.#tokens = Math.min(this.#options.most, this.#tokens + part)
  }

  /** Takes one, if there is one. */
  take(now: number): boolean {
    const { perSecond, least } = this.#options
    const added = (perSecond * Math.max(0, now - this.#at)) / 1_000
    this.#at = Math.max(this.#at, now)
    // Time fills it to the floor only; what is above was earned.
    if (this.#tokens < least) this.#tokens = Math.min(least, this.#tokens + added)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

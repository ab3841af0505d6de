/** Asked for this often within a period or two, a bucket is worth a trip ahead. */
const HOT = 3

interface Period {
  asks: number
  calls: number
  amount: number
  /** The lowest priority that asked, and what it must leave behind for higher ones. */
  rank: number
  leave: number
}

/** How much of one bucket has been asked for, in the period that is now and the one before. */
export class Demand {
  readonly #periodMs: number
  #since: number
  #now: Period = { asks: 0, calls: 0, amount: 0, rank: 0, leave: 0 }
  #last: Period = { asks: 0, calls: 0, amount: 0, rank: 0, leave: 0 }

  constructor(periodMs: number, now: number) {
    this.#periodMs = periodMs
    this.#since = now
  }

  /** It was asked for. Whether that is often. */
  ask(now: number): boolean {
    this.#roll(now)
    this.#now.asks++
    return this.#now.asks + this.#last.asks >= HOT
  }

  /** A slice of it would have been of use. */
  want(amount: number, rank: number, leave: number): void {
    const period = this.#now
    period.calls++
    period.amount += amount
    if (rank < period.rank) return
    period.rank = rank
    period.leave = leave
  }

  isHot(now: number): boolean {
    this.#roll(now)
    return this.#now.asks + this.#last.asks >= HOT
  }

  /** Wanted in the busier of the two periods. */
  amount(now: number): number {
    this.#roll(now)
    return Math.max(this.#now.amount, this.#last.amount)
  }

  /** Wanted for one call, on average. */
  mean(now: number): number {
    this.#roll(now)
    const calls = this.#now.calls + this.#last.calls
    return calls === 0 ? 0 : (this.#now.amount + this.#last.amount) / calls
  }

  lowest(now: number): { readonly rank: number; readonly leave: number } {
    this.#roll(now)
    return this.#now.calls === 0 || this.#last.rank > this.#now.rank ? this.#last : this.#now
  }

  #roll(now: number): void {
    const passed = now - this.#since
    if (passed < this.#periodMs) return
    const gone = this.#last
    this.#last = this.#now
    this.#now = gone
    clear(this.#now)
    if (passed >= 2 * this.#periodMs) clear(this.#last)
    this.#since = now
  }
}

function clear(period: Period): void {
  period.asks = period.calls = period.amount = period.rank = period.leave = 0
}

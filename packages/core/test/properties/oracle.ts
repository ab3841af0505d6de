import { periodAt } from '../../src/time/calendar.ts'
import type { ChargeLine } from '../../src/budget/charges.ts'

interface Entry {
  at: number
  amount: number
}

/**
 * A log of everything one limit was charged, and the plainest possible reading of its rule: what the provider would say.
 * Kept whole, summed anew each time.
 */
export class Oracle {
  readonly line: ChargeLine
  readonly #log: Entry[] = []
  inUse = 0

  constructor(line: ChargeLine) {
    this.line = line
  }

  /** Charges and says whether the limit holds, within rounding. */
  charge(at: number, amount: number): boolean {
    this.#log.push({ at, amount })
    return this.#used(at) <= this.line.bucket.capacity * (1 + 1e-6) + 1e-6
  }

  enter(): boolean {
    return ++this.inUse <= this.line.bucket.capacity
  }

  leave(): void {
    this.inUse--
  }

  #used(now: number): number {
    const { algorithm, perMs, phaseMs = 0, capacity, calendar } = this.line.bucket
    if (algorithm === 'quota') {
      const { start } = periodAt(now, calendar!)
      return sum(this.#log.filter(({ at }) => at >= start))
    }
    if (algorithm === 'sliding-window') return sum(this.#log.filter(({ at }) => at > now - perMs))
    if (algorithm === 'fixed-window') {
      const window = Math.floor((now - phaseMs) / perMs)
      return sum(this.#log.filter(({ at }) => Math.floor((at - phaseMs) / perMs) === window))
    }
    let level = capacity
    let before = Number.NEGATIVE_INFINITY
    for (const { at, amount } of this.#log) {
      if (before > Number.NEGATIVE_INFINITY)
        level = Math.min(capacity, level + ((at - before) * capacity) / perMs)
      before = at
      level -= amount
    }
    return capacity - level
  }
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { amount }) => total + amount, 0)
}

import type { Level } from '../store/port.ts'
import type { HigherUse } from './higher-use.ts'
import type { Ask, Rank } from './waiter.ts'

/** How fast what is learnt gives way to what is seen. */
const GAIN = 0.05
const LEAST = 0.3
const MOST = 10

/** Calls and tokens that are served before one that waits. */
export interface Ahead {
  readonly calls: number
  readonly tokens: number
}

/**
 * How long a call will wait. What is certain is a bound from below, which alone is always too hopeful (measured: 16 to
 * 20 % then expire in the queue); corrected by how such predictions came out, 2 to 3 % do.
 */
export class PredictedWait {
  /** For each of the pool's limits, what calls come to of it, over what they asked for in all. */
  readonly #usedOfCost: (number | undefined)[] = []
  readonly #logCalibration: [number, number, number] = [0, 0, 0]
  #holdMs = 0

  /** For which amounts the store is to be asked. */
  amounts({ plan, amounts, cost }: Ask, ahead: Ahead): number[] {
    return amounts.map((amount, index) => {
      // Of its own budgets others take nothing.
      if (index >= plan.claimable || amount === 0) return amount
      if (plan.lines[index]!.unit === 'requests') return amount + ahead.calls
      if (plan.lines[index]!.unit === 'slots') return amount
      // Until something was settled the others are taken to be as this one is.
      return amount + ahead.tokens * (this.#usedOfCost[index] ?? (cost > 0 ? amount / cost : 0))
    })
  }

  /**
   * `leastMs` is certain; `baseMs` allows for what higher priorities will take, and is to be given to `granted` when it
   * is over; `expectedMs` is what to go by.
   */
  predict(
    { plan, rank }: Ask,
    {
      ahead,
      levels,
      higher,
      now,
    }: { ahead: Ahead; levels: readonly Level[]; higher: HigherUse; now: number },
  ): { leastMs: number; baseMs: number; expectedMs: number } {
    let leastMs = 0
    let load = 0
    for (const [index, level] of levels.entries()) {
      const { unit } = plan.lines[index]!
      const wait = unit === 'slots' ? this.#slotsMs(level, ahead.calls) : level.waitMs
      leastMs = Math.max(leastMs, wait)
      if (index < plan.claimable) load = Math.max(load, higher.load(rank, index, now))
    }
    const baseMs = leastMs / (1 - Math.min(0.9, load))
    return { leastMs, baseMs, expectedMs: Math.exp(this.#logCalibration[rank]) * baseMs }
  }

  granted(rank: Rank, baseMs: number, actualMs: number): void {
    if (baseMs <= 0) return
    const error = Math.log(Math.min(MOST, Math.max(LEAST, actualMs / baseMs)))
    this.#logCalibration[rank] += GAIN * (error - this.#logCalibration[rank])
  }

  /** A call that asked for tokens of `cost` came to these amounts of the pool's limits. */
  settled(cost: number, amounts: readonly number[], limits: number): void {
    if (cost <= 0) return
    for (let index = 0; index < limits; index++) {
      const ratio = Math.min(MOST, amounts[index]! / cost)
      const learnt = this.#usedOfCost[index] ?? ratio
      this.#usedOfCost[index] = learnt + GAIN * (ratio - learnt)
    }
  }

  held(ms: number): void {
    this.#holdMs = this.#holdMs === 0 ? ms : this.#holdMs + GAIN * (ms - this.#holdMs)
  }

  #slotsMs(level: Level, calls: number): number {
    // A pause is finite; that a slot comes free is not known to the store.
    const pauseMs = Number.isFinite(level.waitMs) ? level.waitMs : 0
    const behind = calls + 1 - Math.max(0, level.available)
    // Nobody knows yet how long a slot is held, but it is not free.
    return behind <= 0 ? pauseMs : Math.max(1, pauseMs, (behind / level.capacity) * this.#holdMs)
  }
}

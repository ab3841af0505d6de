import { Demand } from './demand.ts'

/** Buckets that are watched at most. What is asked for less often than so many others is not hot. */
const MOST_WATCHED = 4_096

/** Which buckets are asked for, and how much: those of the last two periods are remembered. */
export class Heat {
  readonly #periodMs: number
  #since = Number.NEGATIVE_INFINITY
  #recent = new Map<string, Demand>()
  #before = new Map<string, Demand>()

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** Undefined where too many are watched. */
  of(key: string, now: number): Demand | undefined {
    if (now - this.#since >= this.#periodMs) {
      this.#before = now - this.#since < 2 * this.#periodMs ? this.#recent : new Map()
      this.#recent = new Map()
      this.#since = now
    }
    let demand = this.#recent.get(key)
    if (demand !== undefined) return demand
    if (this.#recent.size >= MOST_WATCHED) return undefined
    demand = this.#before.get(key) ?? new Demand(this.#periodMs, now)
    this.#recent.set(key, demand)
    return demand
  }
}

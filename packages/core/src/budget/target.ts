import type { Profile } from '../providers/profile.ts'
import { Calibration } from '../tokens/calibration.ts'
import { OutputQuantile } from '../tokens/output-quantile.ts'
import type { Price, PriceMatch } from '../tokens/price.ts'
import { chargePlan } from './charges.ts'
import type { ChargeLine, ChargePlan, Estimate } from './charges.ts'
import type { Learner } from './learner.ts'
import type { Pool } from './pool.ts'

/** Output lengths are told apart by task, for so many tasks; any further share one estimate. */
const MOST_TASKS = 1_000

/** How a target is called and counted, as its configuration has it. */
export interface TargetSettings {
  /** Our id of the provider. */
  readonly provider: string
  /** The model's name, without the provider's. */
  readonly model: string
  /** Whose key it is called with. */
  readonly credential: string
  readonly profile: Profile
  /** Set where it is known what calls cost; its id says whose price it is. */
  readonly priced: PriceMatch | undefined
  readonly pool: Pool
  /** Limits of its own, beside those of its pool. */
  readonly own: readonly ChargeLine[]
  /** Set where the limits are learnt from what the provider answers. */
  readonly learner: Learner | undefined
}

/** Something that can be called, and what has been learnt of it. */
export class Target {
  readonly id: string
  /** How our count of inputs compares with the provider's. */
  readonly input = new Calibration()
  readonly #output = new Map<string, OutputQuantile>()
  #settings: TargetSettings
  #priced: PriceMatch | undefined
  #plan: ChargePlan
  /** With budgets, for as long as those are remembered. */
  #plans = new WeakMap<readonly ChargeLine[], ChargePlan>()
  /** The largest amount of each limit that one call took. */
  #largest: number[]
  /** Calls in a row that the provider turned back without saying for how long. */
  turnedBack = 0
  /** When it was last paused for that: what was sent before tells nothing new. */
  pausedAt = Number.NEGATIVE_INFINITY
  /** Reservations that are open. */
  open = 0

  constructor(id: string, settings: TargetSettings) {
    this.id = id
    this.#settings = settings
    this.#priced = settings.priced
    this.#plan = chargePlan(settings.pool.lines, settings.own)
    this.#largest = this.#plan.lines.map(() => 0)
  }

  /** What has been learnt of it stays; calls that wait or are under way keep what they were charged. */
  configure(settings: TargetSettings): void {
    this.#settings = settings
    this.#priced = settings.priced
    this.replan()
    this.#largest = this.#plan.lines.map(() => 0)
  }

  get provider(): string {
    return this.#settings.provider
  }

  get model(): string {
    return this.#settings.model
  }

  get credential(): string {
    return this.#settings.credential
  }

  get profile(): Profile {
    return this.#settings.profile
  }

  get pool(): Pool {
    return this.#settings.pool
  }

  get own(): readonly ChargeLine[] {
    return this.#settings.own
  }

  get learner(): Learner | undefined {
    return this.#settings.learner
  }

  get priced(): PriceMatch | undefined {
    return this.#priced
  }

  /** Prices change while a process runs: by the hour, or because newer ones were loaded. */
  reprice(priced: PriceMatch | undefined): void {
    this.#priced = priced
  }

  /** All limits of the provider's that apply. */
  get limits(): ChargePlan {
    return this.#plan
  }

  get price(): Price | undefined {
    return this.#priced?.price
  }

  get largest(): readonly number[] {
    return this.#largest
  }

  /** Everything that a call is charged to: the limits, and the budgets that match it. */
  planWith(budgets: readonly ChargeLine[]): ChargePlan {
    if (budgets.length === 0) return this.#plan
    let plan = this.#plans.get(budgets)
    if (plan === undefined) {
      plan = chargePlan(this.pool.lines, [...this.own, ...budgets])
      this.#plans.set(budgets, plan)
    }
    return plan
  }

  /** A limit has changed its capacity. */
  replan(): void {
    this.#plan = chargePlan(this.pool.lines, this.own)
    this.#plans = new WeakMap()
  }

  took(amounts: readonly number[]): void {
    for (let index = 0; index < this.#largest.length; index++) {
      if (amounts[index]! > this.#largest[index]!) this.#largest[index] = amounts[index]!
    }
  }

  /** What to reserve for an input that we counted as so many tokens; what the caller counted stands. */
  inputOf(tokens: number, counted: boolean): Pick<Estimate, 'inputTokens' | 'likelyInputTokens'> {
    if (counted) return { inputTokens: tokens }
    return {
      inputTokens: Math.ceil(tokens * this.input.factor()),
      likelyInputTokens: Math.ceil(tokens * this.input.center()),
    }
  }

  /** How many tokens answers to this task rarely exceed. */
  outputOf(task: string | undefined): OutputQuantile {
    const key = task !== undefined && (this.#output.has(task) || this.#output.size < MOST_TASKS) ? task : ''
    let quantile = this.#output.get(key)
    if (quantile === undefined) {
      quantile = new OutputQuantile()
      this.#output.set(key, quantile)
    }
    return quantile
  }
}

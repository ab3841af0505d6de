import { lru } from '../structures/lru.ts'
import type { Attributes } from '../call/attributes.ts'
import type { Events } from '../call/events.ts'
import type { Cancel, Clock } from '../time/clock.ts'
import type { BudgetConfig, BudgetHolder, BudgetLookup, ConditionName } from './budget-config.ts'
import { Budgets, held, MOST_KNOWN_OF_ONE } from './budgets.ts'
import type { ChargeLine } from './charges.ts'
import { budgetsUnavailable } from './refusals.ts'

/** A look-up that has not answered by then has failed. */
const LOOKUP_MS = 5_000
const MOST_HOLDERS = 10_000
/** Runs whose budgets are forgotten when they end; further ones are left to the store's own bound. */
const MOST_RUNS = 10_000
const HOLDER = ['tenant', 'user', 'plan', 'feature', 'task', 'workflow'] as const

/** What is known of one holder's budgets. */
interface Holder {
  budgets: Budgets | undefined
  loading: Promise<Budgets> | undefined
  /** As the look-up wrote them, so that a change is seen. */
  written: string
  freshUntil: number
}

export interface BudgetSourceOptions {
  readonly budgets: readonly BudgetConfig[] | BudgetLookup
  readonly ttlMs: number
  readonly clock: Clock
  readonly now: () => number
  readonly events: Events
  /** Checks what a look-up gave. @throws {PlimsollError} `invalid-config` */
  readonly check: (budgets: readonly BudgetConfig[]) => void
  /** These lines may be of another size than the store knows. */
  readonly onChanged: (lines: readonly ChargeLine[]) => void
}

/** Where budgets come from: the configuration, or a look-up for each holder, whose answers are kept for a while. */
export class BudgetSource {
  readonly #options: BudgetSourceOptions
  readonly #fixed: Budgets | undefined
  readonly #holders = lru<Holder>(MOST_HOLDERS)
  readonly #runs = new Map<string, Set<string>>()

  /** @param changed whether there were others before, of which the store may still know the sizes */
  constructor(options: BudgetSourceOptions, changed = false) {
    this.#options = options
    const { budgets, onChanged } = options
    if (typeof budgets !== 'function')
      this.#fixed = new Budgets(budgets, changed ? { onMade: onChanged } : {})
  }

  /** Whether a call may have any. */
  get some(): boolean {
    return this.#fixed?.some ?? true
  }

  /** The budgets of a call: at once where they are known. The promise rejects with a `PlimsollError` where they cannot be. */
  for(attributes: Attributes): Budgets | Promise<Budgets> {
    if (this.#fixed !== undefined) return this.#fixed
    const holder = this.#holder(attributes)
    if (holder.budgets !== undefined && this.#options.now() < holder.freshUntil) return holder.budgets
    if (holder.loading !== undefined) return holder.loading
    return this.#load(holder, attributes)
  }

  /** The values that conditions on `name` speak of, as far as they are configured and not looked up. */
  named(name: ConditionName): readonly string[] {
    return this.#fixed?.named(name) ?? []
  }

  /** What a call is charged to, of budgets that were found for it. */
  linesFor(budgets: Budgets, attributes: Attributes, target: string): readonly ChargeLine[] {
    const lines = budgets.linesFor(attributes, target)
    if (attributes.run !== undefined && budgets.countRuns) this.#noteRun(attributes.run, lines)
    return lines
  }

  /** A run is over: the keys of what it alone had. */
  runEnded(run: string): readonly string[] {
    const keys = this.#runs.get(run)
    this.#runs.delete(run)
    return keys === undefined ? [] : [...keys]
  }

  /** The next call of these is looked up anew. */
  forget(holder: BudgetHolder): void {
    for (const key of this.#holders.keys()) {
      const known = JSON.parse(key) as (string | null)[]
      if (HOLDER.every((name, index) => holder[name] === undefined || known[index] === holder[name]))
        this.#holders.delete(key)
    }
  }

  #holder(attributes: Attributes): Holder {
    const key = JSON.stringify(HOLDER.map((name) => attributes[name] ?? null))
    let holder = this.#holders.get(key)
    if (holder === undefined) {
      holder = { budgets: undefined, loading: undefined, written: '', freshUntil: Number.NEGATIVE_INFINITY }
      this.#holders.set(key, holder)
    }
    return holder
  }

  #load(holder: Holder, attributes: Attributes): Budgets | Promise<Budgets> {
    const asked = Object.fromEntries(
      HOLDER.filter((name) => attributes[name] !== undefined).map((name) => [name, attributes[name]]),
    )
    let found: ReturnType<BudgetLookup>
    try {
      found = (this.#options.budgets as BudgetLookup)(asked)
      if (!('then' in found)) return this.#take(holder, found)
    } catch (error) {
      return this.#failed(holder, error)
    }
    const loading = this.#inTime(found)
      .then((configs) => this.#take(holder, configs))
      .catch((error: unknown) => this.#failed(holder, error))
      .finally(() => {
        holder.loading = undefined
      })
    holder.loading = loading
    return loading
  }

  #take(holder: Holder, configs: readonly BudgetConfig[]): Budgets {
    const { check, onChanged, now, ttlMs } = this.#options
    const written = JSON.stringify(configs)
    holder.freshUntil = now() + ttlMs
    if (holder.budgets !== undefined && written === holder.written) return holder.budgets
    check(configs)
    // The store may know them from before, by another size; of a holder met for the first time too, who was forgotten.
    holder.budgets = new Budgets(configs, { onMade: onChanged, most: MOST_KNOWN_OF_ONE })
    holder.written = written
    return holder.budgets
  }

  /** Budgets that were known once still hold; where there are none nobody is let in: a failure opens nothing. */
  #failed(holder: Holder, error: unknown): Budgets | Promise<Budgets> {
    const { events, now } = this.#options
    const { budgets } = holder
    // Whoever keeps failing is not asked with every call.
    holder.freshUntil = now() + LOOKUP_MS
    events.emit({ type: 'budgets.failed', at: now(), error, stale: budgets !== undefined })
    if (budgets !== undefined) return budgets
    return Promise.reject(budgetsUnavailable(error, LOOKUP_MS))
  }

  #inTime(found: PromiseLike<readonly BudgetConfig[]>): Promise<readonly BudgetConfig[]> {
    let cancel: Cancel | undefined
    return new Promise<readonly BudgetConfig[]>((resolve, reject) => {
      const late = () => reject(new Error(`\`budgets\` did not answer within ${LOOKUP_MS} ms.`))
      cancel = this.#options.clock.timer(LOOKUP_MS, late)
      found.then(resolve, reject)
    }).finally(() => cancel?.())
  }

  #noteRun(run: string, lines: readonly ChargeLine[]): void {
    let keys = this.#runs.get(run)
    if (keys === undefined) {
      if (this.#runs.size >= MOST_RUNS) return
      keys = new Set()
      this.#runs.set(run, keys)
    }
    const name = held('run', run)
    for (const { bucket } of lines) if (bucket.key.includes(name)) keys.add(bucket.key)
  }
}

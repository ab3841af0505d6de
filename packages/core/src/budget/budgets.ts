import type { LRUCache } from 'lru-cache'
import { lru } from '../structures/lru.ts'
import { priorityOf } from '../call/attributes.ts'
import type { Attributes } from '../call/attributes.ts'
import type { BudgetConfig, BudgetEntry, ConditionName, Scope } from './budget-config.ts'
import { budgetEntries, budgetLines } from './budget-lines.ts'
import type { ChargeLine } from './charges.ts'

/** All calls without a tenant are one tenant's. */
export const DEFAULT_TENANT = 'default'

/** Combinations of attributes whose budgets are remembered: of all callers, */
const MOST_KNOWN = 10_000
/** or of one holder, of whom there may be many. */
export const MOST_KNOWN_OF_ONE = 64

interface Budget {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly when: readonly (readonly [ConditionName, readonly string[]])[]
  readonly entries: readonly BudgetEntry[]
  readonly countHits: boolean
}

export interface BudgetsOptions {
  readonly onMade?: (lines: readonly ChargeLine[]) => void
  /** How many combinations of attributes are remembered. */
  readonly most?: number
}

/** Which budgets a call is charged to. */
export class Budgets {
  readonly #budgets: readonly Budget[]
  /** What of a call decides which budgets it has. */
  readonly #names: readonly (Scope | ConditionName)[]
  readonly #onMade: (lines: readonly ChargeLine[]) => void
  /**
   * What calls with the same attributes are charged to, so that it is made once. Attributes hold no control characters:
   * no two of them, put together with line ends, look like two others.
   */
  readonly #known: LRUCache<string, readonly ChargeLine[]>

  /** @param options.onMade told of lines that a call is charged to for the first time, or after they were forgotten */
  constructor(
    configs: readonly BudgetConfig[],
    { onMade = () => {}, most = MOST_KNOWN }: BudgetsOptions = {},
  ) {
    const seen = new Map<string, number>()
    this.#onMade = onMade
    this.#known = lru(most)
    this.#budgets = configs.map((config) => {
      const scopes = typeof config.per === 'string' ? [config.per] : config.per
      const scope = scopes.join('+')
      const nth = (seen.get(scope) ?? 0) + 1
      seen.set(scope, nth)
      return {
        // Two budgets for the same scope are two, and each counts for itself.
        name: nth === 1 ? 'budget' : `budget#${nth}`,
        scopes,
        when: conditionsOf(config),
        entries: budgetEntries(config),
        countHits: config.countHits === true,
      }
    })
    this.#names = [
      ...new Set(this.#budgets.flatMap(({ scopes, when }) => [...scopes, ...when.map(([name]) => name)])),
    ]
  }

  get some(): boolean {
    return this.#budgets.length > 0
  }

  /** Whether every call of this target has one that counts money. */
  countMoneyOf(target: string): boolean {
    return this.#budgets.some(
      ({ when, entries }) =>
        entries.some(({ unit }) => unit === 'usd') &&
        when.every(([condition, values]) => condition === 'target' && values.includes(target)),
    )
  }

  /** Calls that lack an attribute share the budget of those that lack it: to leave it out is no way around it. */
  linesFor(attributes: Attributes, target: string): readonly ChargeLine[] {
    let key = ''
    for (const name of this.#names) key += `${valueOf(name, attributes, target)}\n`
    let lines = this.#known.get(key)
    if (lines === undefined) {
      lines = this.#made(attributes, target)
      this.#known.set(key, lines)
      this.#onMade(lines)
    }
    return lines
  }

  /** Whether any of them is for a run, and to be forgotten with it. */
  get countRuns(): boolean {
    return this.#budgets.some(({ scopes }) => scopes.includes('run'))
  }

  /** The values that conditions name: of these a client may say which one its call is. */
  named(name: ConditionName): readonly string[] {
    return this.#budgets.flatMap(({ when }) =>
      when.flatMap(([condition, values]) => (condition === name ? values : [])),
    )
  }

  #made(attributes: Attributes, target: string): ChargeLine[] {
    return this.#budgets.flatMap(({ name, scopes, when, entries, countHits }) => {
      const applies = when.every(([condition, values]) =>
        values.includes(valueOf(condition, attributes, target)),
      )
      // A call outside of any run is in none: all such calls together are no run that ever ends.
      if (!applies || (attributes.run === undefined && scopes.includes('run'))) return []
      const values = scopes.map((scope) => held(scope, valueOf(scope, attributes, target)))
      return budgetLines(`${name}:${values.join('+')}`, entries, countHits)
    })
  }
}

/** How the keys of its budgets name whom they are for: `tenant=acme`. No value can be read as another's name. */
export function held(scope: Scope, value: string): string {
  return `${scope}=${value.replaceAll(/[%:+=]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)}`
}

function conditionsOf({ when = {} }: BudgetConfig): Budget['when'] {
  return Object.entries(when).map(([name, value]) => [
    name as ConditionName,
    typeof value === 'string' ? [value] : value,
  ])
}

function valueOf(name: Scope | ConditionName, attributes: Attributes, target: string): string {
  if (name === 'target') return target
  if (name === 'tenant') return attributes.tenant ?? DEFAULT_TENANT
  if (name === 'priority') return priorityOf(attributes)
  return attributes[name] ?? ''
}

import type { Attributes } from '../call/attributes.ts'
import type { BudgetConfig, LimitEntry, Scope } from './limits.ts'
import type { ChargeLine } from './charges.ts'
import { budgetLines, limitEntries } from './limit-lines.ts'

/** All calls without a tenant are one tenant's. */
export const DEFAULT_TENANT = 'default'

const MOST_KNOWN = 10_000

interface Budget {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly entries: readonly LimitEntry[]
}

/** Which budgets a call is charged to. */
export class Budgets {
  readonly #budgets: readonly Budget[]
  /**
   * What calls with the same attributes are charged to, so that it is made once. Attributes hold no control characters:
   * no two of them, put together with line ends, look like two others.
   */
  readonly #known = new Map<string, readonly ChargeLine[]>()

  constructor(configs: readonly BudgetConfig[]) {
    const names = new Map<string, number>()
    this.#budgets = configs.map((config) => {
      const { per, ...rest } = config
      const scopes = typeof per === 'string' ? [per] : per
      const entries = 'limits' in rest ? rest.limits : limitEntries(rest)
      const scope = scopes.join('+')
      const nth = (names.get(scope) ?? 0) + 1
      names.set(scope, nth)
      // Two budgets for the same scope are two, and each counts for itself.
      return { name: nth === 1 ? scope : `${scope}#${nth}`, scopes, entries }
    })
  }

  get some(): boolean {
    return this.#budgets.length > 0
  }

  /** Calls that lack an attribute share the budget of those that lack it: to leave it out is no way around it. */
  linesFor(attributes: Attributes, target: string): readonly ChargeLine[] {
    let key = ''
    for (const { scopes } of this.#budgets)
      for (const scope of scopes) key += `${valueOf(scope, attributes, target)}\n`
    let lines = this.#known.get(key)
    if (lines === undefined) {
      lines = this.#made(attributes, target)
      this.#remember(key, lines)
    }
    return lines
  }

  #made(attributes: Attributes, target: string): ChargeLine[] {
    return this.#budgets.flatMap(({ name, scopes, entries }) => {
      const values = scopes.map((scope) => escape(valueOf(scope, attributes, target)))
      return budgetLines(`${name}:${values.join('+')}`, entries)
    })
  }

  #remember(key: string, lines: readonly ChargeLine[]): void {
    this.#known.set(key, lines)
    if (this.#known.size <= MOST_KNOWN) return
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest)
      return
    }
  }
}

function valueOf(scope: Scope, attributes: Attributes, target: string): string {
  if (scope === 'target') return target
  if (scope === 'tenant') return attributes.tenant ?? DEFAULT_TENANT
  return attributes[scope] ?? ''
}

/** So that no value, whatever its characters, can name another's budget. */
function escape(value: string): string {
  return value.replaceAll(/[%:+]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}

import type { Attributes } from '../call/attributes.ts'
import type { BudgetConfig, LimitEntry, Scope } from './limits.ts'
import type { ChargeLine } from './charges.ts'
import { budgetLines, limitEntries } from './limit-lines.ts'

/** All calls without a tenant are one tenant's. */
export const DEFAULT_TENANT = 'default'

interface Budget {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly entries: readonly LimitEntry[]
}

/** Which budgets a call is charged to. */
export class Budgets {
  readonly #budgets: readonly Budget[]

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
  linesFor(attributes: Attributes, target: string): ChargeLine[] {
    return this.#budgets.flatMap(({ name, scopes, entries }) => {
      const values = scopes.map((scope) => escape(valueOf(scope, attributes, target)))
      return budgetLines(`${name}:${values.join('+')}`, entries)
    })
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

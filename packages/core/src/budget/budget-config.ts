import type { Attributes } from '../call/attributes.ts'
import type { Unit } from '../providers/profile.ts'
import type { Period } from '../time/calendar.ts'
import type { LimitEntry, LimitShorthand } from './limits.ts'

/** Whom a budget is for: each value of the attribute, or each combination of several, has its own. */
export type Scope = 'tenant' | 'user' | 'feature' | 'workflow' | 'run' | 'task' | 'target'

/** What a budget counts: as a limit, and money besides. */
export type BudgetUnit = Unit | 'usd'

/** Which stretch of time an amount is for. */
export interface BudgetPeriod {
  /** Without one the amount is for as long as its run lasts. */
  readonly every?: Period
  /** Where periods begin. @defaultValue `'UTC'` */
  readonly timeZone?: string
  /** The last second, day ... whenever one looks, in place of the calendar's; a month is 30 days. @defaultValue false */
  readonly rolling?: boolean
}

/** Budgets by their usual names: per minute and day as limits have them, and amounts for the `every` beside them. */
export interface BudgetShorthand extends LimitShorthand, BudgetPeriod {
  /** Calls of the application: its repeats do not count. */
  readonly requests?: number
  /** Input and output. */
  readonly tokens?: number
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Dollars, by `prices`. */
  readonly usd?: number
}

/** One limit of a budget, in full. */
export type BudgetEntry =
  | LimitEntry
  | (Omit<Extract<LimitEntry, { perMs: number }>, 'unit'> & { readonly unit: 'usd' })
  | ({ readonly unit: BudgetUnit; readonly amount: number } & BudgetPeriod)

/** Which calls a budget is for: those whose attributes are these, or among these. */
export type BudgetCondition = Partial<Readonly<Record<ConditionName, string | readonly string[]>>>

export type ConditionName =
  | 'tenant'
  | 'user'
  | 'feature'
  | 'task'
  | 'workflow'
  | 'step'
  | 'plan'
  | 'priority'
  | 'mode'
  | 'risk'
  | 'target'

export type BudgetConfig = {
  readonly per: Scope | readonly Scope[]
  /** @defaultValue every call */
  readonly when?: BudgetCondition
  /**
   * Whether `requests` (and `rpm`, `rpd`) count a call that is answered from the cache, or by the same call of another, too:
   * for quotas of answers, not of what answers cost. Where none is left it is refused. @defaultValue false
   */
  readonly countHits?: boolean
} & (BudgetShorthand | { readonly limits: readonly BudgetEntry[] })

/** Of whom budgets may be asked for: what of a call they can depend on. */
export type BudgetHolder = Pick<Attributes, 'tenant' | 'user' | 'plan' | 'feature' | 'task' | 'workflow'>

/**
 * Budgets from elsewhere, such as a database of plans and overrides. Asked once for each holder and then every
 * `budgetsTtlMs`; who asks meanwhile waits for the same answer.
 */
export type BudgetLookup = (
  holder: BudgetHolder,
) => readonly BudgetConfig[] | PromiseLike<readonly BudgetConfig[]>

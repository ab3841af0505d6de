import type { Listener } from '../call/events.ts'
import type { BudgetConfig, BudgetLookup } from '../budget/budget-config.ts'
import type { Limits, TargetConfig } from '../budget/limits.ts'
import type { Features } from '../degradation/switches.ts'
import type { ClassifyTask, TaskConfig, WorkflowConfig } from './task-config.ts'
import type { QueueOptions } from '../budget/queue-options.ts'
import type { CacheConfig } from '../caching/cache-config.ts'
import type { Timeouts } from '../call/timeouts.ts'
import type { BreakerConfig, HedgeConfig, RetryConfig } from '../retry/retry-config.ts'
import type { ProviderProfile } from '../providers/provider-profile.ts'
import type { Store } from '../store/port.ts'
import type { Clock } from '../time/clock.ts'
import type { Prices, PriceTable } from '../tokens/price.ts'

/** What may be changed while calls are under way, with `plimsoll.update`. */
export interface PlimsollSettings {
  /** By id: our provider id, `/`, the provider's model id. */
  readonly targets?: Readonly<Record<string, TargetConfig>>
  /** Providers that Plimsoll does not know, or knows otherwise, as data. */
  readonly providers?: readonly ProviderProfile[]
  readonly pools?: Readonly<Record<string, { readonly limits: Limits }>>
  /** What we allow whom: a list, or a look-up by tenant, user and plan. A call is charged to every budget that matches it. */
  readonly budgets?: readonly BudgetConfig[] | BudgetLookup
  /** How long what a look-up of budgets gave is gone by. @defaultValue 60_000 */
  readonly budgetsTtlMs?: number
  /** What calls cost: a table by target id or model id, in USD per million tokens, or a source such as `genaiPrices()`. */
  readonly prices?: PriceTable | Prices
  /** Whether a budget that counts money lets in a call whose price nobody knows. @defaultValue 'refuse' */
  readonly onUnknownPrice?: 'refuse' | 'allow'
  /** Refuse targets that are not listed, instead of learning their limits. @defaultValue false */
  readonly strict?: boolean
  readonly queue?: Partial<QueueOptions>
  /** How failures are tried again. Those of a task go before these, field by field. */
  readonly retry?: RetryConfig
  /** @defaultValue none */
  readonly timeouts?: Timeouts
  /** Whether a target that is slow to begin is asked a second time. @defaultValue false */
  readonly hedge?: HedgeConfig
  /** When a target that fails is not called for a while. */
  readonly breaker?: BreakerConfig
  /** What is decided of calls before anything fails, by the name of their task. */
  readonly tasks?: Readonly<Record<string, TaskConfig>>
  /** Names the task of a call that has none. */
  readonly classifyTask?: ClassifyTask
  /** Deadlines and steps of workflows, by their name. */
  readonly workflows?: Readonly<Record<string, WorkflowConfig>>
  /** Switches by the name of a feature, or a function that is asked for each call. @defaultValue all are on */
  readonly features?: Features
}

export interface PlimsollConfig extends PlimsollSettings {
  /**
   * After this long without a sign of life a reservation is closed at its estimate. For streams that are dropped, and
   * hosts that never report an end. @defaultValue 60_000
   */
  readonly leaseMs?: number
  readonly onEvent?: Listener
  /** How answers are kept. Which, and for how long, tasks say: nothing is kept of a task that has no `cache`. */
  readonly cache?: CacheConfig
  /** Where levels are kept. @defaultValue the process's memory */
  readonly store?: Store
  /**
   * How many limits and budgets are kept in memory. Above it those that are whole and in nobody's use go first, then the
   * budget with most left, which is told as `budget.forgotten`. @defaultValue 100_000
   */
  readonly maxKeys?: number
  /** @defaultValue the system's */
  readonly clock?: Clock
}

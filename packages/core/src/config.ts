import type { Listener } from './call/events.ts'
import type { BudgetConfig, Limits, TargetConfig } from './budget/limits.ts'
import type { QueueOptions } from './budget/pool.ts'
import type { Store } from './store/port.ts'
import type { Clock } from './time/clock.ts'

export interface PlimsollConfig {
  /** By id: our provider id, `/`, the provider's model id. */
  readonly targets?: Readonly<Record<string, TargetConfig>>
  readonly pools?: Readonly<Record<string, { readonly limits: Limits }>>
  /** What we allow whom. A call is charged to every budget that matches it. */
  readonly budgets?: readonly BudgetConfig[]
  /** Refuse targets that are not listed, instead of learning their limits. @defaultValue false */
  readonly strict?: boolean
  readonly queue?: Partial<QueueOptions>
  /**
   * After this long without a sign of life a reservation is closed at its estimate. For streams that are dropped, and
   * hosts that never report an end. @defaultValue 60_000
   */
  readonly leaseMs?: number
  readonly onEvent?: Listener
  /** Where levels are kept. @defaultValue the process's memory */
  readonly store?: Store
  /** @defaultValue the system's */
  readonly clock?: Clock
}

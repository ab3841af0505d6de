import type { TaskCache } from './caching/cache-config.ts'
import type { Timeouts } from './call/timeouts.ts'
import type { HedgeConfig, RetryConfig } from './retry/retry-config.ts'

/** What is decided of a task before anything fails. */
export interface TaskConfig {
  readonly timeouts?: Timeouts
  readonly retry?: RetryConfig
  /** @defaultValue the configuration's `hedge` */
  readonly hedge?: HedgeConfig
  readonly cache?: TaskCache
  /** Twins in flight share one call. @defaultValue true for a cached task and for temperature 0 */
  readonly coalesce?: boolean
  /**
   * Marks what its calls have in common (tools, instructions) for providers that keep only a prefix that is marked
   * (Anthropic). A write costs more there, and pays from the second call within its five minutes on. @defaultValue false
   */
  readonly promptCache?: boolean
  /** What is otherwise for calls of a plan. */
  readonly plans?: Readonly<Record<string, TaskByPlan>>
}

/** Of a task, what may be otherwise for calls of a plan. */
export type TaskByPlan = Pick<TaskConfig, 'cache' | 'coalesce' | 'promptCache'>

import type { Attributes } from './call/attributes.ts'
import type { Timeouts } from './call/timeouts.ts'
import type { Usage } from './call/usage.ts'
import type { HedgeConfig, RetryConfig } from './retry/retry-config.ts'

export interface TaskCache {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs?: number
  /** How long past its time an answer may still be served by the rung `'stale'`. */
  readonly staleIfErrorMs?: number
  /** Who shares an entry. @defaultValue 'tenant' */
  readonly scope?: 'tenant' | 'shared'
}

/** How the input may be cut down: the oldest history first, never a tool call from its result, never what is pinned. */
export interface Diet {
  readonly name: string
  readonly maxInputTokens?: number
  readonly maxHistoryTokens?: number
  readonly maxToolResultTokens?: number
  readonly maxDocumentTokens?: number
  /** A task that sums up the history that is cut, in place of dropping it. */
  readonly summariseBy?: string
}

/** What is done when the targets of a task cannot answer, in this order. */
export type Rung =
  /** An answer from the cache past its time. */
  | 'stale'
  /** What a stream that broke had delivered. */
  | 'partial'
  /** A lesser model, marked. */
  | { readonly target: string }
  /** Shorter, leaner, of the same targets. */
  | { readonly maxOutputTokens?: number; readonly diet?: Diet }
  /** A clear, honest text; where a schema is asked for, an object. */
  | { readonly message: string; readonly object?: unknown }
  /** Kept, and run later. */
  | { readonly defer: DeferQueue }

export interface DeferQueue {
  push(job: DeferredJob): Promise<void> | void
}

export interface DeferredJob {
  readonly id: string
  readonly at: number
  readonly task: string | undefined
  readonly attributes: Attributes
  /** The request as plain data (`host.key`). */
  readonly request: unknown
}

/** What is decided of a task before anything fails. */
export interface TaskConfig {
  /** Equivalents. */
  readonly targets?: readonly string[]
  /** @defaultValue 'order' */
  readonly strategy?: 'order' | 'headroom' | 'cost' | 'latency'
  readonly maxOutputTokens?: number
  /** A candidate whose predicted wait is longer is passed over. */
  readonly maxWaitMs?: number
  readonly timeouts?: Timeouts
  readonly retry?: RetryConfig
  /** @defaultValue the configuration's `hedge` */
  readonly hedge?: HedgeConfig
  readonly cache?: TaskCache
  /** Twins in flight share one call. @defaultValue true for a cached task and for temperature 0 */
  readonly coalesce?: boolean
  readonly degrade?: readonly Rung[]
  /** `'high'` goes to the strongest, is validated, and takes no lesser answer. */
  readonly risk?: 'low' | 'medium' | 'high'
  /** Whether an answer will do. One that throws has failed. */
  readonly validate?: (
    answer: unknown,
    info: { readonly target: string; readonly usage: Usage },
  ) => boolean | PromiseLike<boolean>
  /** Stronger targets, for answers that will not do. */
  readonly escalate?: readonly string[]
  /** Other ladders by plan. */
  readonly plans?: Readonly<Record<string, Omit<TaskConfig, 'plans'>>>
}

import type { TaskCache } from './caching/cache-config.ts'
import type { Attributes } from './call/attributes.ts'
import type { Usage } from './call/usage.ts'

/** Each is a limit of its own, in milliseconds; what is left out has none. */
export interface Timeouts {
  /** One attempt, from when it is sent to the end of its answer (of a stream: to its first content). */
  readonly attemptMs?: number
  /** From when an attempt is sent to its first content. Keep-alives are not content. */
  readonly firstContentMs?: number
  /** Between two parts of a stream that carry content. */
  readonly betweenChunksMs?: number
  /** The whole call, its waiting, retries and fallbacks included. */
  readonly callMs?: number
}

export interface RetryConfig {
  /** Attempts of one call, the first, fallbacks, hedges and escalations included. @defaultValue by the failure's class */
  readonly maxAttempts?: number
  /** Repeats of a target over its first tries. @defaultValue 0.1 */
  readonly budget?: number
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
  readonly cache?: TaskCache
  /** Twins in flight share one call. @defaultValue true for a cached task and for temperature 0 */
  readonly coalesce?: boolean
  /**
   * Marks what its calls have in common (tools, instructions) for providers that keep only a prefix that is marked
   * (Anthropic). A write costs more there, and pays from the second call within its five minutes on. @defaultValue false
   */
  readonly promptCache?: boolean
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

import type { TaskCache } from '../caching/cache-config.ts'
import type { Attributes } from '../call/attributes.ts'
import type { Segment } from '../call/host.ts'
import type { Timeouts } from '../call/timeouts.ts'
import type { DeferQueue } from '../degradation/defer-queue.ts'
import type { Diet } from '../degradation/diet.ts'
import type { HedgeConfig, RetryConfig } from '../retry/retry-config.ts'
import type { Strategy, Validate } from '../routing/ladder.ts'
import type { ShadowConfig } from '../routing/shadow-config.ts'

/** What is done when the targets of a task cannot answer, in this order. */
export type Rung =
  /** An answer from the cache past its time, within `cache.staleIfErrorMs`. */
  | 'stale'
  /** What a stream had that breaks off once it has begun: it ends there, in place of failing. */
  | 'partial'
  /** A lesser model, marked. */
  | { readonly target: string }
  /** Shorter, leaner, of the same targets. */
  | { readonly maxOutputTokens?: number; readonly diet?: Diet }
  /** A clear, honest text; where a schema is asked for, an object. */
  | { readonly message: string; readonly object?: unknown }
  /** Kept, and made later. Without a `message` the call is refused with the code `deferred`. */
  | { readonly defer: DeferQueue; readonly message?: string; readonly object?: unknown }

/** What is decided of a task before anything fails. */
export interface TaskConfig {
  /** Equivalents. @defaultValue the target that the call names, or what its host offers */
  readonly targets?: readonly string[]
  /**
   * Which of the equivalents goes first: as they are listed, the least predicted wait, the cheapest, the one that answered
   * fastest of late. A target that the call names itself always does. @defaultValue 'order'
   */
  readonly strategy?: Strategy
  /** Of calls that say nothing of it themselves. */
  readonly maxOutputTokens?: number
  /**
   * A candidate whose predicted wait is longer is passed over. @defaultValue 2_000 for `mode: 'interactive'` where there is
   * a rung to fall to, else `queue.maxWaitMs`
   */
  readonly maxWaitMs?: number
  /** Of every call of the task. */
  readonly diet?: Diet
  readonly timeouts?: Timeouts
  readonly retry?: RetryConfig
  /** @defaultValue the configuration's `hedge` */
  readonly hedge?: HedgeConfig
  readonly cache?: TaskCache
  /** Twins in flight share one call. @defaultValue true for a cached task and for temperature 0 */
  readonly coalesce?: boolean
  /**
   * Marks what its calls have in common (tools, instructions) for providers that keep only a prefix that is marked
   * (Anthropic, and clouds that serve its models). A write costs more there, and pays from the second call within its five minutes on. @defaultValue false
   */
  readonly promptCache?: boolean
  readonly degrade?: readonly Rung[]
  /** `'high'` goes to the strongest, needs `validate`, and takes no lesser answer. */
  readonly risk?: 'low' | 'medium' | 'high'
  /**
   * Whether an answer will do. One that throws, or takes ten seconds, has said no. A stream is held back until it is whole
   * and has passed.
   */
  readonly validate?: Validate
  /** Stronger targets, for answers that will not do, the weakest first. */
  readonly escalate?: readonly string[]
  /** Another target that is asked besides, for a sample of the calls. Not with `risk: 'high'`. @defaultValue none */
  readonly shadow?: ShadowConfig
  /** What is otherwise for calls of a plan. */
  readonly plans?: Readonly<Record<string, Omit<TaskConfig, 'plans'>>>
}

/** What `classifyTask` is told of a call that has no task. */
export interface Unclassified {
  readonly attributes: Attributes
  readonly kind: 'generate' | 'stream' | 'embed' | 'call'
  /** Where the call names one. */
  readonly target: string | undefined
  /** The input, read when it is asked for. */
  segments(): readonly Segment[]
}

/** Names the task of a call, at once. `undefined` for one that has none. */
export type ClassifyTask = (call: Unclassified) => string | undefined

/** What is decided of a workflow's steps. */
export interface StepConfig {
  /** How long it may take. @defaultValue what is left of the run */
  readonly timeoutMs?: number
  /** It is given up when it fails or its time is over, and its result is `undefined`. @defaultValue false */
  readonly optional?: boolean
  /** The task of the calls inside. */
  readonly task?: string
}

export interface WorkflowConfig {
  /** Of each run, from its start. @defaultValue none */
  readonly deadlineMs?: number
  readonly steps?: Readonly<Record<string, StepConfig>>
}

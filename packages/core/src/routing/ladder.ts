import type { Call } from '../call/call.ts'
import type { Outcome } from '../call/outcome.ts'
import type { Usage } from '../call/usage.ts'
import type { ShadowConfig } from './shadow-config.ts'

export type Strategy = 'order' | 'headroom' | 'cost' | 'latency'

/** Whether an answer will do: of a stream its parts, else the host's own answer. */
export type Validate = (
  answer: unknown,
  info: { readonly target: string; readonly usage: Usage },
) => boolean | PromiseLike<boolean>

/** Changes a call before it is sent: its input is cut down. */
export type Trim = <T>(call: Call<T>) => Promise<Trimmed<T>>

export interface Trimmed<T> {
  readonly call: Call<T>
  /** The name of the diet, where anything was cut. */
  readonly diet: string | undefined
}

/** An answer that calls nothing. `undefined` when it has none to give. */
export type Silent = <T>(call: Call<T>) => Promise<Outcome<T> | undefined>

/** What is done when no target of the task can answer. */
export type LadderRung =
  | { readonly kind: 'target'; readonly target: string }
  | {
      readonly kind: 'shorter'
      readonly maxOutputTokens: number | undefined
      readonly trim: Trim | undefined
    }
  /** It concerns a stream that has begun, and no further candidate. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'silent'; readonly name: string; readonly answer: Silent }

/** What is decided of a call before anything fails, as routing sees it. */
export interface Ladder {
  readonly task: string | undefined
  /** Equivalents. */
  readonly targets: readonly string[]
  readonly strategy: Strategy
  /** For answers that will not do, the weakest first. */
  readonly stronger: readonly string[]
  readonly rungs: readonly LadderRung[]
  /** Only the strongest will do, and nothing lesser. */
  readonly high: boolean
  readonly maxWaitMs: number | undefined
  /** Attempts of the whole call. */
  readonly maxAttempts: number
  readonly maxOutputTokens: number | undefined
  readonly trim: Trim | undefined
  readonly validate: Validate | undefined
  /** A stream that breaks off ends there, in place of failing. */
  readonly partial: boolean
  /** Asked besides, for a sample. */
  readonly shadow: ShadowConfig | undefined
}

/** Of a call that no task is configured for. */
export const NO_LADDER: Ladder = {
  task: undefined,
  targets: [],
  strategy: 'order',
  stronger: [],
  rungs: [],
  high: false,
  maxWaitMs: undefined,
  maxAttempts: Number.POSITIVE_INFINITY,
  maxOutputTokens: undefined,
  trim: undefined,
  validate: undefined,
  partial: false,
  shadow: undefined,
}

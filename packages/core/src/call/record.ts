import type { Attributes, Priority } from './attributes.ts'
import type { ErrorCode } from './errors.ts'
import type { Finish } from './host.ts'
import type { FailureClass } from './outcome.ts'
import type { Usage } from './usage.ts'

/** Where the input of a call comes from, in tokens: what was counted in all, shared out by length. */
export interface InputParts {
  /** Instructions, and the schema of the answer. */
  readonly system: number
  /** What was said before. */
  readonly history: number
  /** Documents, images, files. */
  readonly documents: number
  /** Tool definitions, calls and results. */
  readonly tools: number
  /** The question itself. */
  readonly user: number
}

/** One call, told once, when it is over. */
export interface CallRecord {
  readonly at: number
  readonly callId: string
  /** What answered, or was asked last. */
  readonly target: string
  readonly attributes: Attributes
  readonly priority: Priority
  readonly outcome: 'finished' | 'interrupted' | 'aborted' | 'failed' | 'abandoned' | 'rejected'
  /** The refusal's code, or the failure's class. */
  readonly reason?: ErrorCode | FailureClass
  readonly finish?: Finish
  /** Of all attempts together. */
  readonly usage: Usage
  /** Part of the usage is an estimate: the provider did not say. */
  readonly estimated: boolean
  /** The input by where it comes from; absent where nobody could read it. */
  readonly inputBy?: InputParts
  /** Dollars, of all attempts together. Absent where the price is not known: never 0 for that. */
  readonly costUsd?: number
  /** Of the cost, what was paid for answers that nobody got whole. */
  readonly wastedUsd?: number
  /** Whose price it was: a source may know the model under another id. */
  readonly priceId?: string
  /** Attempts sent to a provider. */
  readonly attempts: number
  /** Of those, repeats. */
  readonly retries: number
  /** Attempts that a rate limit turned back. */
  readonly rateLimited: number
  /** Attempts that failed, by class. */
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>
  readonly cache?: 'hit' | 'stale' | 'joined'
  /** Another target answered than the first choice. */
  readonly fallback: boolean
  /** The rung that gave the answer. */
  readonly degraded?: string
  /** The call that this one was asked besides of, for comparison: nobody waited for it. */
  readonly shadowOf?: string
  /** The diet that the input was cut down by. */
  readonly diet?: string
  readonly latencyMs: {
    /** What is none of the others: Plimsoll's own work, and the host's. */
    readonly handling: number
    /** Waiting for room, all attempts together. */
    readonly queue: number
    /** Waiting before another try. */
    readonly retryDelay: number
    /** From the start of the call, its wait included. Absent when no content came. */
    readonly firstContent?: number
    /** From when a request was sent to the end of its answer, all attempts together. */
    readonly model: number
    readonly validation: number
    readonly total: number
  }
}

/** One run of a workflow, told once its function and every reply opened inside have ended. */
export interface RunRecord {
  readonly at: number
  readonly run: string
  readonly workflow: string
  readonly attributes: Attributes
  readonly outcome: 'finished' | 'failed'
  readonly calls: number
  readonly attempts: number
  readonly retries: number
  readonly rateLimited: number
  readonly cacheHits: number
  readonly fallbacks: number
  /** Calls that were answered by a rung, and optional steps that were given up. */
  readonly degraded: number
  readonly usage: Usage
  readonly estimated: boolean
  /** Absent where the price of any call is not known. */
  readonly costUsd?: number
  readonly wastedUsd?: number
  readonly latencyMs: {
    readonly queue: number
    readonly retryDelay: number
    readonly model: number
    readonly validation: number
    /** By name; steps that ran side by side each count in full. */
    readonly steps: Readonly<Record<string, number>>
    readonly total: number
  }
}

import type { Attributes, Priority } from './attributes.ts'
import type { ErrorCode } from './errors.ts'
import type { FailureClass } from './outcome.ts'
import type { Usage } from './usage.ts'

/** Everything that is told of a call and its limits. No prompt, answer, key or header value is in any of it. */
export type PlimsollEvent =
  | ({ readonly type: 'queue.entered'; readonly predictedWaitMs: number | undefined } & OfCall)
  | ({ readonly type: 'queue.left'; readonly waitedMs: number } & OfCall)
  | ({
      readonly type: 'budget.reserved'
      /** Amounts by key of limit or budget. */
      readonly amounts: Readonly<Record<string, number>>
    } & OfCall)
  | ({
      readonly type: 'budget.settled'
      readonly usage: Usage
      readonly certainty: 'exact' | 'at-least'
    } & OfCall)
  | ({ readonly type: 'budget.cancelled' } & OfCall)
  /** A reservation was closed at its estimate because nobody closed it. */
  | ({ readonly type: 'lease.expired' } & OfCall)
  | ({ readonly type: 'call.rejected'; readonly code: ErrorCode; readonly by: string } & OfCall)
  | ({ readonly type: 'attempt.failed'; readonly class: FailureClass; readonly status?: number } & OfCall)
  | { readonly type: 'limit.paused'; readonly at: number; readonly target: string; readonly forMs: number }
  /** A header told how large a limit is, and it was set so. */
  | {
      readonly type: 'limit.learnt'
      readonly at: number
      readonly target: string
      readonly unit: string
      readonly amount: number
    }
  /** A target that the configuration does not name is called for the first time: its limits are learnt. */
  | { readonly type: 'target.unlisted'; readonly at: number; readonly target: string }
  | { readonly type: 'store.failed'; readonly at: number; readonly error: unknown }
  /** A listener threw; it is told to the others, never to the call. */
  | { readonly type: 'listener.failed'; readonly at: number; readonly error: unknown }
  | ({ readonly type: 'call.finished' } & CallRecord)
  | ({ readonly type: 'run.finished' } & RunRecord)

interface OfCall {
  readonly at: number
  readonly callId: string
  readonly target: string
}

/** One call, told once, when it is over. */
export interface CallRecord {
  readonly at: number
  readonly callId: string
  readonly target: string
  readonly attributes: Attributes
  readonly priority: Priority
  readonly outcome: 'finished' | 'interrupted' | 'aborted' | 'failed' | 'abandoned' | 'rejected'
  /** The refusal's code, or the failure's class. */
  readonly reason?: ErrorCode | FailureClass
  readonly usage: Usage
  /** The usage is the estimate that was settled by: the provider did not say. */
  readonly estimated: boolean
  readonly attempts: number
  readonly rateLimited: number
  readonly latencyMs: {
    readonly queue: number
    /** From the start of the call, its wait included. Absent when no content came. */
    readonly firstContent?: number
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
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
  readonly totalMs: number
}

export type Listener = (event: PlimsollEvent) => void

/** Tells events to listeners; one that throws breaks neither the call nor the others. */
export class Events {
  readonly #listeners = new Set<Listener>()

  /** Ask before building an event: with nobody listening it should cost nothing. */
  get heard(): boolean {
    return this.#listeners.size > 0
  }

  /** Returns how to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: PlimsollEvent): void {
    for (const listener of this.#listeners) this.#tell(listener, event)
  }

  /** A listener that fails, at once or later, is told to the others, once. */
  #tell(listener: Listener, event: PlimsollEvent): void {
    const failed = (error: unknown): void => {
      if (event.type === 'listener.failed') return
      for (const other of this.#listeners) {
        if (other !== listener) this.#tell(other, { type: 'listener.failed', at: event.at, error })
      }
    }
    try {
      const returned: unknown = listener(event)
      if (returned instanceof Promise) returned.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

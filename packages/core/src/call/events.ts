import type { ErrorCode } from './errors.ts'
import type { Segment } from './host.ts'
import type { FailureClass } from './outcome.ts'
import type { CallRecord, RunRecord } from './record.ts'
import type { Usage } from './usage.ts'

/** Everything that is told of a call and its limits. No prompt, answer, key or header value is in any of it. */
export type PlimsollEvent =
  | ({ readonly type: 'queue.entered'; readonly predictedWaitMs: number | undefined } & OfCall)
  | ({ readonly type: 'queue.left'; readonly waitedMs: number } & OfCall)
  | ({
      readonly type: 'budget.reserved'
      /** Amounts by key of limit or budget; of money, dollars. */
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
  /** The target is tried again after so long. */
  | ({
      readonly type: 'retry.scheduled'
      readonly class: FailureClass
      /** Which attempt of the call it will be, from 1. */
      readonly attempt: number
      readonly delayMs: number
    } & OfCall)
  /** It would have been tried again, had the target's budget of repeats not been used up. */
  | ({ readonly type: 'retry.denied'; readonly class: FailureClass } & OfCall)
  /** The target is slow, and asked a second time; the first good answer wins. */
  | ({ readonly type: 'hedge.started' } & OfCall)
  /** A target, or everything that is called with a credential, is not called for so long; then one call tries it. */
  | {
      readonly type: 'breaker.opened'
      readonly at: number
      readonly of: 'target' | 'credential'
      readonly name: string
      readonly class: FailureClass
      readonly forMs: number
    }
  | {
      readonly type: 'breaker.closed'
      readonly at: number
      readonly of: 'target' | 'credential'
      readonly name: string
    }
  /** A candidate of the call's task was not asked, and why. */
  | ({ readonly type: 'candidate.passed'; readonly reason: PassReason; readonly waitMs?: number } & OfCall)
  /** An answer did not pass the task's `validate`: it said no, threw, or took too long. */
  | ({ readonly type: 'validation.failed'; readonly how: 'refused' | 'threw' | 'timeout' } & OfCall)
  /** A lesser answer is given, by this rung. */
  | ({ readonly type: 'call.degraded'; readonly rung: string } & OfCall)
  /** The input was cut down. */
  | ({
      readonly type: 'diet.applied'
      readonly diet: string
      readonly cut: CutTokens
      readonly inputTokens: number
    } & OfCall)
  /** An optional step of a workflow was given up. */
  | {
      readonly type: 'step.degraded'
      readonly at: number
      readonly workflow: string
      readonly run: string
      readonly step: string
      readonly reason: 'timeout' | 'no-time' | 'failed'
    }
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
  /** The shared store cannot be reached. Until it can, calls are admitted as `instead` says. */
  | {
      readonly type: 'store.lost'
      readonly at: number
      readonly instead: 'local' | 'open' | 'closed'
      readonly error: unknown
    }
  /** It can be reached again, and has been told what it missed. */
  | { readonly type: 'store.regained'; readonly at: number }
  /** Budgets could not be looked up: those known before still hold (`stale`), or the calls are refused. */
  | {
      readonly type: 'budgets.failed'
      readonly at: number
      readonly error: unknown
      readonly stale: boolean
    }
  /** The store holds as many keys as it may: this budget, in part used, starts anew. */
  | { readonly type: 'budget.forgotten'; readonly at: number; readonly key: string }
  /** A target is called of which nobody knows the price, told once for each. */
  | { readonly type: 'price.unknown'; readonly at: number; readonly target: string }
  /** An answer was served from the cache; `similarity`: it was given to another question, which is so close. */
  | ({
      readonly type: 'cache.hit'
      readonly ageMs: number
      readonly stale: boolean
      readonly similarity?: number
    } & OfCall)
  /** Nothing was kept for the call, or what is kept is too old. Told once for all who ask the same together. */
  | ({ readonly type: 'cache.missed' } & OfCall)
  | ({ readonly type: 'cache.written'; readonly bytes: number } & OfCall)
  /** Something about the cache went wrong; the call goes on without it. */
  | { readonly type: 'cache.failed'; readonly at: number; readonly op: CacheOp; readonly error: unknown }
  /**
   * The tools or instructions of a task that wants its prompts cached are others than the last time, from this segment on: what
   * is behind it is paid in full. Told once for each position of a task, tenant, prompt version and target.
   */
  | ({
      readonly type: 'prefix.changed'
      readonly position: number
      readonly kind: Segment['kind']
    } & OfCall)
  /** A listener threw; it is told to the others, never to the call. */
  | { readonly type: 'listener.failed'; readonly at: number; readonly error: unknown }
  | ({ readonly type: 'call.finished' } & CallRecord)
  | ({ readonly type: 'run.finished' } & RunRecord)

/** What a cache was doing when it failed: making a `key`, asking its store (`connection` by itself), turning an answer into data or back. */
export type CacheOp = 'key' | 'read' | 'write' | 'encode' | 'decode' | 'embed' | 'connection'

/**
 * Why a candidate was not asked.
 *
 * - `not-offered`: the host cannot call it
 * - `capability`, `context`: it lacks what the call needs; the input is too long for it
 * - `breaker`: it has failed too often of late
 * - `wait`: its wait is longer than the task allows
 * - `failed-before`: it has failed in a way that a shorter request does not mend
 * - `unavailable`: the rung has nothing to give: no stale answer, a full queue
 */
export type PassReason =
  | 'not-offered'
  | 'capability'
  | 'context'
  | 'breaker'
  | 'wait'
  | 'failed-before'
  | 'unavailable'

/** Tokens that a diet took out, by what they were. */
export interface CutTokens {
  readonly history: number
  readonly toolResults: number
  readonly documents: number
  /** Instructions and documents that stood there twice. */
  readonly repeated: number
}

interface OfCall {
  readonly at: number
  readonly callId: string
  readonly target: string
}

export type Listener = (event: PlimsollEvent) => void

/** Tells events to listeners; one that throws breaks neither the call nor the others. */
export class Events {
  readonly #listeners = new Set<Listener>()
  /** What listeners have yet to finish. */
  readonly #pending = new Set<Promise<unknown>>()

  /** Ask before building an event: with nobody listening it should cost nothing. */
  get heard(): boolean {
    return this.#listeners.size > 0
  }

  /** Returns how to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the promises that listeners have returned are settled. Never rejects. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
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
      if (!(returned instanceof Promise)) return
      const done = returned.catch(failed).finally(() => this.#pending.delete(done))
      this.#pending.add(done)
    } catch (error) {
      failed(error)
    }
  }
}

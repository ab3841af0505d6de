import type { Attributes, Priority } from './attributes.ts'
import type { Host } from './host.ts'
import type { FailureClass } from './outcome.ts'
import type { InputParts } from './record.ts'
import type { Reservation } from './ticket.ts'
import type { Urgency } from './urgency.ts'
import type { Usage } from './usage.ts'

/** One call of the application: what was asked, by whom, of which target, until when. */
export interface Call<T> {
  readonly id: string
  readonly target: string
  /** The caller named the target itself, and no configuration: it is asked before any other. */
  readonly named?: boolean
  /** What the host is able to call; anything, where it does not say. */
  readonly offered?: readonly string[] | undefined
  /** How long it may wait for room at its target, where that is less than the queue allows. */
  readonly maxWaitMs?: number | undefined
  /** The toolkit's own request; `host` can read it. */
  readonly request: unknown
  readonly host: Host<T>
  readonly attributes: Attributes
  /** Attributes of which nobody knows who set them: labels for the record, that select no budget. */
  readonly forwarded: Attributes
  /** Attributes that hold where neither the call nor what is around it says otherwise. */
  readonly defaults: Attributes
  readonly priority: Priority
  /** When the caller leaves. */
  readonly signal: AbortSignal | undefined
  /** Clock time after which the answer is of no use; `Infinity` when there is none. */
  readonly deadline: number
  /** How long the answer may be, where the request says so. */
  readonly maxOutputTokens: number | undefined
  /** Tokens of the input before calibration, counted when first asked for. */
  readonly inputTokens: () => number
  /**
   * Its host makes it by itself, once: it is let in and accounted for, and no more. Its lease runs out unless the host shows
   * that it is alive.
   */
  readonly observed?: boolean | undefined
  /** The caller counted them: they are taken as they are. */
  readonly counted: boolean
  /** The reservation of the call that this one is made inside of. */
  readonly parent: Reservation | undefined
  /** Told when an attempt of it is sent; what it returns is told when that has opened, or has come to nothing. */
  readonly onSent?: (() => (opened: boolean) => void) | undefined
  /** The call that it is asked besides of, for comparison. */
  readonly shadowOf?: string
  readonly state: CallState
}

/** What an attempt used, and what that cost where the price is known. */
export interface Spent {
  readonly usage: Usage
  /** The provider said so. */
  readonly exact?: boolean
  readonly costUsd: number | undefined
}

/** The one mutable object of a call, shared by its attempts. */
export interface CallState {
  readonly startedAt: number
  /** Attempts sent to a provider. */
  attempts: number
  /** Of those, how many a rate limit turned back. */
  rateLimited: number
  /** Attempts that failed, by class. */
  readonly failures: Partial<Record<FailureClass, number>>
  /** Whether the budgets that count calls have counted this one. */
  requestCounted: boolean
  queuedMs: number
  retryDelayMs: number
  modelMs: number
  validationMs: number
  /** What was settled for attempts that brought no answer. */
  readonly lost: Spent[]
  /** Whose price the last attempt had. */
  priceId: string | undefined
  /** The call as it was prepared; absent while, or where, it could not be. */
  prepared: { readonly attributes: Attributes; readonly priority: Priority } | undefined
  /** Characters of the input by where they come from, once they were counted. */
  inputLengths: InputParts | undefined
  firstContentAt: number | undefined
  /** How soon it is wanted, where several share it. */
  urgency: Urgency | undefined
  /** Another target may be asked after the one that is asked now. */
  elsewhere?: boolean
  /** The target that would have been asked, had nothing been in the way. */
  firstChoice?: string
  /** The target that was asked last. */
  askedLast?: string
}

export function newCallState(startedAt: number): CallState {
  return {
    startedAt,
    attempts: 0,
    rateLimited: 0,
    failures: {},
    requestCounted: false,
    queuedMs: 0,
    retryDelayMs: 0,
    modelMs: 0,
    validationMs: 0,
    lost: [],
    priceId: undefined,
    prepared: undefined,
    inputLengths: undefined,
    firstContentAt: undefined,
    urgency: undefined,
  }
}

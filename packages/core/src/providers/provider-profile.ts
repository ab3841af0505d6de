import type { FailureClass } from '../call/outcome.ts'
import type { Calendar } from '../time/calendar.ts'
import type { Unit } from './profile.ts'

/**
 * How a provider counts a call against its limits on tokens.
 *
 * - `max`: the larger of prompt and `max_tokens`, at admission, and keeps it
 * - `sum`: prompt and `max_tokens`, at admission, and keeps it
 * - `input-then-live-output`: the prompt at admission, output as it is generated, whatever `max_tokens` says
 * - `reserve-with-max-settle-with-burn-down`: prompt and `max_tokens` at admission; in the end the prompt, and each token
 *   of output as several
 * - `slot`: calls at once, until the answer is over, whatever they use
 * - `actual`: what was really used; what it may come to is held until that is known. For where nobody knows
 */
export type ChargingRule =
  | 'max'
  | 'sum'
  | 'input-then-live-output'
  | 'reserve-with-max-settle-with-burn-down'
  | 'slot'
  | 'actual'

/**
 * A provider as plain data: how it counts, what its headers and errors mean. What is left out is as it is safe to assume
 * of somebody unknown.
 *
 * Patterns are sources of regular expressions, matched anywhere and in any case: against a model's name, of which no more
 * than 256 characters are looked at, or against an error's message, of which no more than 2,000 are.
 */
export interface ProviderProfile {
  /** What the ids of its targets begin with: `my-vllm` of `my-vllm/llama`. */
  readonly id: string
  /** Other names of its, as toolkits have them. Case does not matter, nor whether it is `.`, `_` or `-`. */
  readonly aliases?: readonly string[]
  /** Another provider's id, of those Plimsoll knows: what is left out here is as it is there. */
  readonly like?: string
  /**
   * How its limits are counted: all in one way, or by rules of which the first that fits counts.
   * @defaultValue 'sliding-window', which is safe for all
   */
  readonly algorithm?: WindowAlgorithm | readonly CountingRule[]
  /** @defaultValue 'actual' */
  readonly charging?: ChargingRule
  /** Whether input read from its cache is free of its limits: of all, or of those on `input` alone. @defaultValue false */
  readonly cacheReadsFree?: boolean | 'input'
  /** Whether limits on `tokens` count input alone. @defaultValue false */
  readonly outputFree?: boolean
  /** What is otherwise for some models. For each field the first entry that matches and has it counts. */
  readonly models?: readonly ModelRule[]
  /** Which of its headers tell of which limit. @defaultValue none: how many calls at once it bears is found out */
  readonly headers?: readonly LimitHeaders[]
  /** Headers that ask to wait, beside `retry-after` and `retry-after-ms`. The first that is there counts. */
  readonly waits?: readonly WaitHeader[]
  /** Errors that mean something particular here. Tried in order, before what is common to all. */
  readonly errors?: readonly ErrorRule[]
}

export type WindowAlgorithm = 'token-bucket' | 'fixed-window' | 'sliding-window'

export interface CountingRule {
  /** @defaultValue any */
  readonly unit?: Unit
  /** The window, in milliseconds. @defaultValue any */
  readonly perMs?: number
  /** @defaultValue 'sliding-window' */
  readonly algorithm?: WindowAlgorithm
  /** The window is enforced in slices as long as this: 60 a minute as one a second. @defaultValue as a whole */
  readonly sliceMs?: number
  /** It counts up to its amount and starts anew with each period of this calendar, instead of a window. */
  readonly calendar?: Calendar
}

export interface ModelRule {
  /** A pattern for the model's name. */
  readonly match: string
  readonly cacheReadsFree?: boolean | 'input'
  /** How many tokens of its limit one token of output comes to. @defaultValue 1 */
  readonly burnDown?: number
  /** What it takes `max_tokens` to be where the request sets none, under `reserve-with-max-settle-with-burn-down`. */
  readonly maxOutputTokens?: number
}

/**
 * How a time is written.
 *
 * - `go-duration`: `88ms`, `1s`, `6m0s`
 * - `seconds`, `milliseconds`: from now
 * - `rfc3339`: `2026-11-23T06:05:00Z`
 * - `epoch-seconds`, `epoch-milliseconds`: an instant, in Unix time
 */
export type TimeFormat =
  | 'go-duration'
  | 'seconds'
  | 'milliseconds'
  | 'rfc3339'
  | 'epoch-seconds'
  | 'epoch-milliseconds'

/** The headers that tell of one limit. Names in any case. */
export interface LimitHeaders {
  readonly unit: Unit
  /** The window that they speak of, in milliseconds: a header never bounds a limit of another. */
  readonly perMs: number
  /** Names the header that says how large it is. */
  readonly limit?: string
  /** Names the header that says how much was left when the response was sent. */
  readonly remaining?: string
  /** Names the header that says when it is whole again. */
  readonly reset?: string
  /** How that is written: needed with `reset`. */
  readonly resetAs?: TimeFormat
  /** Not read where the response tells of a limit on one of these: it only repeats that. */
  readonly unless?: readonly Unit[]
  /**
   * The window is only the usual one: where a limit is configured that is as large as the header says, that is the one
   * that is meant, whatever its window. @defaultValue false
   */
  readonly assumed?: boolean
}

export interface WaitHeader {
  readonly header: string
  readonly as: TimeFormat
}

export interface ErrorRule {
  /** All of these must be so. */
  readonly when: ErrorMatch
  readonly class: Exclude<FailureClass, 'aborted'>
  /** What was exhausted. @defaultValue what the message or the headers say */
  readonly exhausted?: readonly Unit[]
  /** The window of what was exhausted, in milliseconds. @defaultValue what the message or the headers say */
  readonly perMs?: number
  /** Wait until this calendar's period is over, where no longer wait was asked for. */
  readonly until?: Calendar
  /** Traffic as a whole grew too fast: everything is slowed down, not one limit. @defaultValue false */
  readonly ramp?: boolean
}

/** At least one of status, code, type and quota: what a message says may be anybody's. */
export interface ErrorMatch {
  readonly status?: number | readonly number[]
  /** The provider's word for it, in any case. */
  readonly code?: string
  readonly type?: string
  /** A pattern for the message. */
  readonly message?: string
  /** A pattern for one of the ids of quotas that the error says were violated (Google's `quotaId`). */
  readonly quota?: string
}

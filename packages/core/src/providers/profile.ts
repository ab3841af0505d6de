import type { ErrorFacts } from '../call/host.ts'
import type { Failure } from '../call/outcome.ts'
import type { Algorithm } from '../store/port.ts'
import type { Calendar } from '../time/calendar.ts'
import type { ChargingRule, ProviderProfile } from './provider-profile.ts'

/** What a limit counts. */
export type Unit = 'requests' | 'tokens' | 'input' | 'output'

/** What is particular to a provider, made of its data by `defineProvider`: the same for every target of its. */
export interface Profile {
  readonly id: string
  /** What it was made of. */
  readonly data: ProviderProfile
  readonly charging: ChargingRule
  /** The limits that its headers tell of, each once: what a target of its may turn out to have. */
  readonly scopes: readonly Scope[]
  /** How it counts a limit on this, where the limit does not say. */
  counting(unit: Unit, perMs: number): Counting
  /** By what it charges calls of a model. */
  charges(model: string): Charging
  /** Reads what response headers say of its limits. `now` in ms of Unix time. */
  headers(headers: Readonly<Record<string, string>>, now: number): HeaderFacts
  /** Names a failure. `now` in ms of Unix time, for hints given as a date. */
  classify(facts: ErrorFacts, now: number): ProviderFailure
}

/** What a limit is on: so many of a unit per window. */
export interface Scope {
  readonly unit: Unit
  readonly perMs: number
}

export interface Counting {
  readonly algorithm: Exclude<Algorithm, 'slots'>
  /** The window is enforced in slices as long as this: 60 a minute as one a second. */
  readonly sliceMs?: number
  /** When a `quota` starts anew. */
  readonly calendar?: Calendar
}

/** How calls of one model are charged. */
export interface Charging {
  readonly rule: ChargingRule
  /** Whether input read from the cache is free: of all its limits, or of those on `input` alone. */
  readonly cacheReadsFree: boolean | 'input'
  /** Whether output is free of limits on `tokens`. */
  readonly outputFree: boolean
  /** How many tokens of its limit one token of output comes to, once it is generated. */
  readonly burnDown: number
  /** What it takes `max_tokens` to be where the request sets none. */
  readonly maxOutputTokens: number | undefined
}

export interface HeaderFacts {
  readonly observations: readonly Observation[]
  /** The wait that was asked for, from whichever header said it, longest first. */
  readonly retryAfterMs?: number
}

/** One limit as the headers of one response told it. */
export interface Observation extends Scope {
  readonly limit?: number
  readonly remaining?: number
  /** Until the limit is whole again. */
  readonly resetMs?: number
  /** The window is only the usual one: a limit as large as this one may be the one that is meant. */
  readonly assumed?: boolean
}

/** A failure, and what only concerns limits. */
export interface ProviderFailure extends Failure {
  /** The window of the limit that was met, where the provider said so. */
  readonly windowMs?: number
  /** Traffic as a whole grew too fast: it is not one limit that was met. */
  readonly ramp?: boolean
}

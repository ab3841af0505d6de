import type { ErrorFacts } from '../call/host.ts'
import type { Failure } from '../call/outcome.ts'
import type { Algorithm } from '../store/port.ts'

/** What a limit counts. */
export type Unit = 'requests' | 'tokens' | 'input' | 'output'

/**
 * How a provider counts a call against its `tokens` limit.
 *
 * - `sum`: prompt and `max_tokens`, at admission, and keeps it
 * - `max`: the larger of the two, at admission, and keeps it
 * - `actual`: what was really used; more may be held until that is known
 */
export type ChargingRule = 'sum' | 'max' | 'actual'

/** What is particular to a provider: the same facts for every target of its. */
export interface Profile {
  readonly id: string
  /** How its rate limits are counted, where a limit does not say. `sliding-window` is safe when nobody knows. */
  readonly algorithm: Exclude<Algorithm, 'slots'>
  readonly charging: ChargingRule
  /** Output is counted while it is generated, whatever `max_tokens` says. */
  readonly liveOutput: boolean
  /** Whether cache reads are free of its input limits. */
  readonly cacheReadsFree: boolean
  /** Reads what response headers say of its limits. `now` in ms of Unix time. */
  headers(headers: Readonly<Record<string, string>>, now: number): HeaderFacts
  /** Names a failure. `now` in ms of Unix time, for hints given as a date. */
  classify(facts: ErrorFacts, now: number): Failure
}

export interface HeaderFacts {
  readonly observations: readonly Observation[]
  /** The wait that was asked for, from whichever header said it, longest first. */
  readonly retryAfterMs?: number
}

/** One limit as the headers of one response told it. */
export interface Observation {
  readonly unit: Unit
  /** The window that this provider's header of this name speaks of. */
  readonly perMs: number
  readonly limit?: number
  readonly remaining?: number
  /** Until the limit is whole again. */
  readonly resetMs?: number
}

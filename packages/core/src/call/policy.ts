import type { Call } from './call.ts'
import type { Outcome } from './outcome.ts'

/** One concern of a call, as a plain function around what comes next. */
export interface Policy {
  readonly name: string
  run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>>
}

export type Next<T> = (call: Call<T>) => Promise<Outcome<T>>

/** The last step, which calls the provider. */
export type Step = <T>(call: Call<T>) => Promise<Outcome<T>>

/** Policies in order, the first outermost, around the last step. */
export function compose(policies: readonly Policy[], last: Step): Step {
  return policies.reduceRight<Step>((next, policy) => (call) => policy.run(call, next), last)
}

/** Holds the place of a policy that does nothing to this call. */
export function passThrough(name: string): Policy {
  return { name, run: (call, next) => next(call) }
}

import type { Counting, Unit } from './profile.ts'
import type { CountingRule, ProviderProfile } from './provider-profile.ts'

const UNKNOWN: Counting = { algorithm: 'sliding-window' }

/** How limits on a unit per window are counted, by the first rule that fits. */
export function countingBy(algorithm: ProviderProfile['algorithm']): (unit: Unit, perMs: number) => Counting {
  if (algorithm === undefined) return () => UNKNOWN
  const rules = typeof algorithm === 'string' ? [{ algorithm }] : algorithm
  const compiled = rules.map((rule) => ({ rule, counting: countingOf(rule) }))
  return (unit, perMs) => compiled.find(({ rule }) => fits(rule, unit, perMs))?.counting ?? UNKNOWN
}

function fits(rule: CountingRule, unit: Unit, perMs: number): boolean {
  return (rule.unit ?? unit) === unit && (rule.perMs ?? perMs) === perMs
}

function countingOf({ algorithm = 'sliding-window', sliceMs, calendar }: CountingRule): Counting {
  if (calendar !== undefined) return { algorithm: 'quota', calendar }
  return { algorithm, ...(sliceMs !== undefined && { sliceMs }) }
}

/**
 * `amount` per window, as a provider lets it through that enforces the window in slices: so many in a slice, and the slice
 * as long as the rate has it. 90 a minute in slices of a second are 2 in 1,333 ms; 6 are one in 10 s.
 */
export function sliced(
  amount: number,
  { perMs, sliceMs }: { perMs: number; sliceMs: number },
): { capacity: number; perMs: number } {
  // What is not known yet has no rate.
  if (perMs <= sliceMs || amount === Number.POSITIVE_INFINITY) return { capacity: amount, perMs }
  const capacity = Math.ceil((amount * sliceMs) / perMs)
  return { capacity, perMs: (capacity * perMs) / amount }
}

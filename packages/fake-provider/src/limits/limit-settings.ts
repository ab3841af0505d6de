import { checkNumber, checkObject, checkOneOf, type Fields } from '../checks.ts'
import type { LimitAlgorithm, LimitUnit } from '../options.ts'
import { mix, toUnit } from '../random.ts'
import type { Scale } from '../settings.ts'

/** One limit, resolved. */
export interface LimitSettings {
  unit: LimitUnit
  amount: number
  perMs: number
  algorithm: LimitAlgorithm
  /** The largest amount in use at once: `amount` but for a token bucket told otherwise. */
  burst: number
  phaseMs: number
  /** As error messages name it: `tokens per min (TPM)`. */
  name: string
}

export const ALGORITHMS: readonly LimitAlgorithm[] = ['token-bucket', 'fixed-window', 'sliding-window']
const UNITS: readonly LimitUnit[] = ['requests', 'tokens', 'input', 'output']
const FIELDS = ['unit', 'amount', 'perMs', 'algorithm', 'burst', 'phaseMs']
const LETTERS: Record<LimitUnit, string> = { requests: 'RP', tokens: 'TP', input: 'ITP', output: 'OTP' }
const NOUNS: Record<LimitUnit, string> = {
  requests: 'requests',
  tokens: 'tokens',
  input: 'input tokens',
  output: 'output tokens',
}

interface Context {
  at: string
  algorithm: LimitAlgorithm
  scale: Scale
}

export function resolveLimits(options: Fields, context: Context): LimitSettings[] {
  const { at, scale } = context
  const entries = options['limits'] ?? []
  if (!Array.isArray(entries)) throw new TypeError(`${at}.limits must be an array of limits`)
  const written = entries.map((entry, index) => resolveLimit(entry, `${at}.limits[${index}]`, index, context))
  const shorthand: [string, LimitUnit, number][] = [
    ['rpm', 'requests', scale.minuteMs],
    ['tpm', 'tokens', scale.minuteMs],
    ['itpm', 'input', scale.minuteMs],
    ['otpm', 'output', scale.minuteMs],
    ['rpd', 'requests', scale.dayMs],
    ['tpd', 'tokens', scale.dayMs],
  ]
  for (const [name, unit, perMs] of shorthand) {
    const amount = checkNumber(options[name], `${at}.${name}`, { min: 1 })
    if (amount === undefined) continue
    const entry = { unit, amount, perMs }
    written.push(resolveLimit(entry, `${at}.${name}`, written.length, context))
  }
  return written
}

function resolveLimit(
  entry: unknown,
  at: string,
  index: number,
  { algorithm, scale }: Context,
): LimitSettings {
  checkObject(entry, at, FIELDS)
  const unit = checkOneOf(entry['unit'], `${at}.unit`, UNITS)
  if (!unit) throw new TypeError(`${at}.unit is missing: use one of ${UNITS.join(', ')}`)
  const amount = checkNumber(entry['amount'], `${at}.amount`, { min: 1 })
  if (amount === undefined) throw new TypeError(`${at}.amount is missing: say how much per perMs`)
  const perMs = checkNumber(entry['perMs'], `${at}.perMs`, { above: 0 }) ?? scale.minuteMs
  const chosen = checkOneOf(entry['algorithm'], `${at}.algorithm`, ALGORITHMS) ?? algorithm
  const burst = checkNumber(entry['burst'], `${at}.burst`, { min: 1 })
  if (burst !== undefined && chosen !== 'token-bucket') {
    throw new RangeError(`${at}.burst is for a token-bucket: take it out or change the algorithm`)
  }
  const phaseMs = checkNumber(entry['phaseMs'], `${at}.phaseMs`, { min: 0, max: perMs })
  if (phaseMs !== undefined && chosen !== 'fixed-window') {
    throw new RangeError(`${at}.phaseMs is for a fixed-window: take it out or change the algorithm`)
  }
  return {
    unit,
    amount,
    perMs,
    algorithm: chosen,
    burst: burst ?? amount,
    phaseMs: chosen === 'fixed-window' ? (phaseMs ?? perMs * toUnit(mix(scale.seed, index))) : 0,
    name: nameLimit(unit, perMs, scale),
  }
}

function nameLimit(unit: LimitUnit, perMs: number, scale: Scale): string {
  if (perMs === scale.minuteMs) return `${NOUNS[unit]} per min (${LETTERS[unit]}M)`
  if (perMs === scale.dayMs) return `${NOUNS[unit]} per day (${LETTERS[unit]}D)`
  return `${NOUNS[unit]} per ${perMs} ms`
}

import type { LimitEntry, Limits, LimitShorthand } from './limits.ts'
import { sliced } from '../providers/counting.ts'
import type { Counting, Profile, Unit } from '../providers/profile.ts'
import type { Bucket } from '../store/port.ts'
import type { ChargeLine } from './charges.ts'
import { FIRST_SLOTS } from './learner.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const SHORTHAND: Readonly<
  Record<Exclude<keyof LimitShorthand, 'concurrency'>, { unit: Unit; perMs: number }>
> = {
  rpm: { unit: 'requests', perMs: MINUTE_MS },
  tpm: { unit: 'tokens', perMs: MINUTE_MS },
  itpm: { unit: 'input', perMs: MINUTE_MS },
  otpm: { unit: 'output', perMs: MINUTE_MS },
  rpd: { unit: 'requests', perMs: DAY_MS },
  tpd: { unit: 'tokens', perMs: DAY_MS },
}

export function limitEntries(limits: Limits): readonly LimitEntry[] {
  if (Array.isArray(limits)) return limits as readonly LimitEntry[]
  const shorthand = limits as LimitShorthand
  const entries: LimitEntry[] = []
  for (const [name, { unit, perMs }] of Object.entries(SHORTHAND)) {
    const amount = shorthand[name as keyof typeof SHORTHAND]
    if (amount !== undefined) entries.push({ unit, amount, perMs })
  }
  if (shorthand.concurrency !== undefined) entries.push({ unit: 'slots', amount: shorthand.concurrency })
  return entries
}

/** The limits of a target or pool, counted as its provider counts. */
export function limitLines(owner: string, entries: readonly LimitEntry[], profile: Profile): ChargeLine[] {
  return entries.map((entry) => {
    if (entry.unit === 'slots') return { unit: 'slots', budget: false, bucket: bucketOf(owner, entry) }
    const { unit, amount, perMs } = entry
    const counting =
      entry.algorithm === undefined ? profile.counting(unit, perMs) : { algorithm: entry.algorithm }
    const live = unit === 'output' && profile.charging === 'input-then-live-output'
    const bucket = bucketOf(owner, entry, { ...counting, live })
    const { sliceMs } = counting
    if (sliceMs === undefined) return { unit, budget: false, bucket }
    const written = { perMs, sliceMs }
    return { unit, budget: false, bucket: { ...bucket, ...sliced(amount, written) }, written }
  })
}

/** What a target whose limits are not known may turn out to have: what its provider's headers tell of, and slots. */
export function learntLines(owner: string, profile: Profile): ChargeLine[] {
  const rates = profile.scopes.flatMap((scope) => {
    const { unit, perMs } = scope
    const entry = { unit, perMs, amount: Number.POSITIVE_INFINITY }
    if (unit === 'requests' || perMs >= MINUTE_MS) return limitLines(owner, [entry], profile)
    // Tokens by the second are a rate: one call may be more than a second's worth.
    const [line] = limitLines(owner, [{ ...entry, perMs: MINUTE_MS }], profile)
    return [{ ...line!, written: { perMs } }]
  })
  return [...rates, ...limitLines(owner, [{ unit: 'slots', amount: FIRST_SLOTS }], profile)]
}

/** As a limit, of whatever it counts. */
export type WindowEntry =
  | Extract<LimitEntry, { unit: 'slots' }>
  | (Omit<Extract<LimitEntry, { perMs: number }>, 'unit'> & { readonly unit: Unit | 'usd' })

export function bucketOf(
  owner: string,
  entry: WindowEntry,
  { algorithm, calendar, live }: Counting & { live: boolean } = { algorithm: 'sliding-window', live: false },
): Bucket {
  if (entry.unit === 'slots') {
    return {
      key: `${owner}:slots`,
      algorithm: 'slots',
      capacity: entry.amount,
      perMs: Number.POSITIVE_INFINITY,
    }
  }
  const { unit, amount, perMs, burst } = entry
  return {
    key: `${owner}:${unit}:${perMs}`,
    algorithm: entry.algorithm ?? algorithm,
    capacity: burst ?? amount,
    perMs,
    ...(burst === undefined ? {} : { amount }),
    ...(calendar === undefined ? {} : { calendar }),
    ...(live ? { live } : {}),
  }
}

import type { Bucket } from '../store/port.ts'
import type { Period } from '../time/calendar.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import type { BudgetConfig, BudgetEntry, BudgetPeriod, BudgetShorthand, BudgetUnit } from './budget-config.ts'
import type { ChargeLine } from './charges.ts'
import { bucketOf, limitEntries } from './limit-lines.ts'
import type { WindowEntry } from './limit-lines.ts'

type PeriodEntry = Extract<BudgetEntry, { unit: BudgetUnit }> & BudgetPeriod

const AMOUNTS: readonly (readonly [
  'requests' | 'tokens' | 'inputTokens' | 'outputTokens' | 'usd',
  BudgetUnit,
])[] = [
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['inputTokens', 'input'],
  ['outputTokens', 'output'],
  ['usd', 'usd'],
]

const ROLLING_MS: Readonly<Record<Period, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000,
}

/** Budgets are as many as there are tenants and users: a window of theirs is kept in fewer steps than a provider's. */
const STEPS = 60

/** What a budget allows, entry by entry. */
export function budgetEntries(config: BudgetConfig): readonly BudgetEntry[] {
  if ('limits' in config) return config.limits
  const shorthand: BudgetShorthand = config
  const { every, timeZone, rolling } = shorthand
  const period: BudgetPeriod = {
    ...(every !== undefined && { every }),
    ...(timeZone !== undefined && { timeZone }),
    ...(rolling !== undefined && { rolling }),
  }
  const entries: BudgetEntry[] = [...limitEntries(shorthand)]
  for (const [name, unit] of AMOUNTS) {
    const amount = shorthand[name]
    if (amount !== undefined) entries.push({ unit, amount, ...period })
  }
  return entries
}

/** A budget's limits, for one value of its scope. They count what was used, in windows and periods of ours. */
export function budgetLines(owner: string, entries: readonly BudgetEntry[], countHits = false): ChargeLine[] {
  return entries.map((given) => {
    const entry = inNanoUsd(given)
    const bucket =
      'perMs' in entry || entry.unit === 'slots' ? windowOf(owner, entry) : periodOf(owner, entry)
    const { unit } = entry
    // A request is one request, and a slot is in use: of these nothing is estimated.
    const estimated = unit !== 'requests' && unit !== 'slots'
    const line = {
      unit,
      budget: true,
      bucket: { ...bucket, forgettable: true, ...(estimated && { estimated }) },
    }
    return countHits && entry.unit === 'requests' ? { ...line, countHits } : line
  })
}

function inNanoUsd(entry: BudgetEntry): BudgetEntry {
  if (entry.unit !== 'usd') return entry
  const burst = 'burst' in entry && entry.burst !== undefined ? { burst: entry.burst * NANO_PER_USD } : {}
  return { ...entry, amount: entry.amount * NANO_PER_USD, ...burst }
}

function windowOf(owner: string, entry: WindowEntry): Bucket {
  const bucket = bucketOf(owner, entry, { algorithm: 'sliding-window', live: false })
  return { ...bucket, guardMs: 0, phaseMs: 0, steps: STEPS }
}

function periodOf(owner: string, entry: PeriodEntry): Bucket {
  const { unit, amount, every, timeZone = 'UTC', rolling = false } = entry
  if (every !== undefined && rolling) return windowOf(owner, { unit, amount, perMs: ROLLING_MS[every] })
  const ofPeriod = every === undefined ? 'total' : timeZone === 'UTC' ? every : `${every}@${timeZone}`
  return {
    key: `${owner}:${unit}:${ofPeriod}`,
    algorithm: 'quota',
    capacity: amount,
    perMs: every === undefined ? Number.POSITIVE_INFINITY : ROLLING_MS[every],
    ...(every === undefined ? {} : { calendar: { every, timeZone } }),
  }
}

import type { BudgetConfig } from '../../packages/core/src/budget/budget-config.ts'
import type { LimitEntry } from '../../packages/core/src/budget/limits.ts'
import type { Bucket } from '../../packages/core/src/store/port.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** So much that nothing ever waits: what is timed is admission, not the lack of room. */
export const PLENTY = 1e12

/** What one model's calls are usually limited by, the most common first. */
export const LIMITS: readonly LimitEntry[] = [
  { unit: 'tokens', amount: PLENTY, perMs: MINUTE_MS, algorithm: 'token-bucket' },
  { unit: 'requests', amount: PLENTY, perMs: MINUTE_MS, algorithm: 'token-bucket' },
  { unit: 'tokens', amount: PLENTY, perMs: DAY_MS, algorithm: 'token-bucket' },
  { unit: 'slots', amount: PLENTY },
]

/** With `LIMITS`, eight in all. */
export const BUDGETS: readonly BudgetConfig[] = [
  { per: 'tenant', rpm: PLENTY, tpm: PLENTY },
  { per: ['tenant', 'user'], tpm: PLENTY, tpd: PLENTY },
]

/** The same as a store is asked for it. */
export function bucketsFor(count: number): Bucket[] {
  const limits = LIMITS.map((limit, index): Bucket => {
    if (limit.unit === 'slots') {
      return { key: `limit:${index}`, algorithm: 'slots', capacity: limit.amount, perMs: Infinity }
    }
    return { key: `limit:${index}`, algorithm: 'token-bucket', capacity: limit.amount, perMs: limit.perMs }
  })
  const budgets = [MINUTE_MS, MINUTE_MS, MINUTE_MS, DAY_MS].map((perMs, index): Bucket => ({
    key: `budget:${index}`,
    algorithm: 'sliding-window',
    capacity: PLENTY,
    perMs,
    guardMs: 0,
    phaseMs: 0,
    forgettable: true,
  }))
  return [...limits, ...budgets].slice(0, count)
}

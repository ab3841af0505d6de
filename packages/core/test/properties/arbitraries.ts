import fc from 'fast-check'
import type { BudgetEntry } from '../../src/budget/budget-config.ts'
import type { LimitEntry } from '../../src/budget/limits.ts'
import type { Event, WorldOptions } from './world.ts'

const which = fc.nat(1_000)
/** Whatever can happen, calls and the passing of time more often than the rest. */
export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record(
      {
        kind: fc.constant('call' as const),
        target: fc.nat(1),
        tenant: fc.nat(2),
        rank: fc.nat(2),
        input: fc.integer({ min: 1, max: 60 }),
        output: fc.integer({ min: 0, max: 39 }),
        run: fc.nat(3),
        within: fc.integer({ min: 1, max: 5_000 }),
        nested: fc.boolean(),
      },
      { requiredKeys: ['kind', 'target', 'tenant', 'rank', 'input', 'output'] },
    ),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('arrive' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('acknowledge', 'release', 'cancel', 'abort', 'settle-again'),
      which,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which,
      used: fc.constantFrom(0, 0.5, 1, 2),
      known: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('rate-limit' as const), which, retryAfterMs: fc.integer({ min: 0, max: 2_000 }) },
      { requiredKeys: ['kind', 'which'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('headers' as const),
      left: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replan' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -5_000, max: 500 }) }),
  },
)

const rate: fc.Arbitrary<LimitEntry> = fc.record({
  unit: fc.constantFrom('tokens', 'input', 'output', 'requests'),
  amount: fc.integer({ min: 100, max: 400 }),
  perMs: fc.constantFrom(1_000, 3_000),
  algorithm: fc.constantFrom('token-bucket', 'fixed-window', 'sliding-window'),
})
const quota: fc.Arbitrary<BudgetEntry> = fc.record({
  unit: fc.constantFrom('tokens', 'input', 'output', 'requests'),
  amount: fc.integer({ min: 100, max: 400 }),
  every: fc.constantFrom('second', 'minute'),
})
const slots: fc.Arbitrary<LimitEntry> = fc.record({
  unit: fc.constant('slots'),
  amount: fc.integer({ min: 1, max: 3 }),
})
/** One limit of a key: the first of each unit and window. */
const limits = fc
  .array(fc.oneof({ weight: 3, arbitrary: rate }, { weight: 1, arbitrary: slots }), {
    minLength: 1,
    maxLength: 3,
  })
  .map(distinct)

export const memory: fc.Arbitrary<WorldOptions> = fc.record({
  limits,
  own: fc.oneof(fc.constant([]), fc.array(rate, { minLength: 1, maxLength: 1 })),
  tenantBudget: fc.oneof(
    fc.constant([]),
    fc.array(rate, { minLength: 1, maxLength: 1 }),
    fc.array(quota, { minLength: 1, maxLength: 1 }),
  ),
  delayMs: fc.constant(0),
  failing: fc.constant(0),
  seed: fc.nat(),
})
export const delayed = fc.record({
  delayMs: fc.integer({ min: 1, max: 400 }),
  failing: fc.constantFrom(0, 5, 30),
})

function distinct(entries: LimitEntry[]): LimitEntry[] {
  const byKey = new Map(
    entries.map((entry) => [entry.unit === 'slots' ? 'slots' : `${entry.unit}:${entry.perMs}`, entry]),
  )
  return [...byKey.values()]
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HeldReservation } from '../../src/budget/reservation.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { simulate } from '../simulation/simulate.ts'
import { generated } from '../simulation/traffic.ts'
import { core } from '../support/core.ts'

interface Sample {
  granted: number
  waiting: number
}

const call = fc.record({
  tenant: fc.nat(2),
  input: fc.integer({ min: 1, max: 400 }),
  /** What it comes to, of what it reserved. */
  used: fc.double({ min: 0, max: 2, noNaN: true }),
  lateMs: fc.integer({ min: 0, max: 3_000 }),
})

describe('tenants that both wait', () => {
  it('are granted tokens that differ by at most two of the largest calls, and what is not settled yet', () => {
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 30, maxLength: 150 }),
        fc.tuple(...[1, 2, 3].map((most) => fc.integer({ min: 1, max: most }))),
        (calls, weights) => {
          const clock = virtualClock()
          const { admission, asking, target } = core({
            clock,
            targets: {
              'generic/a': {
                limits: [{ unit: 'tokens', amount: 500, perMs: 1_000, algorithm: 'token-bucket' }],
              },
            },
            queue: { weight: (tenant) => weights[Number(tenant)]!, ageMs: 1e9 },
          })
          const model = target('generic/a')
          // Takes the whole bucket, so that all of them wait.
          admission.reserve(asking(model, { input: 500, tenant: 'first' })).reservation!.acknowledge()
          const tenants = [0, 1, 2].map((): Sample => ({ granted: 0, waiting: 0 }))
          const largest = Math.max(
            ...calls.map(({ input, used }) => Math.max(input, Math.ceil(input * used))),
          )
          let unsettled = 0
          let gap = 0
          for (const { tenant, input, used, lateMs } of calls) {
            tenants[tenant]!.waiting++
            const waiter = admission.reserve(asking(model, { input, tenant: String(tenant) }))
            waiter.onChange(() => {
              const sample = tenants[tenant]!
              sample.granted += input
              sample.waiting--
              const actual = Math.ceil(input * used)
              unsettled += Math.abs(actual - input)
              const reservation = waiter.reservation as HeldReservation
              clock.timer(lateMs, () => {
                sample.granted += actual - input
                unsettled -= Math.abs(actual - input)
                reservation.settle({ inputTokens: actual, outputTokens: 0 }, 'exact')
              })
              gap = Math.max(gap, worstGap(tenants, weights) - unsettled - 2 * largest)
            })
          }
          clock.runAllSync()
          expect(tenants.every(({ waiting }) => waiting === 0)).toBe(true)
          expect(gap).toBeLessThanOrEqual(1e-6)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('a call of 5,000 tokens and calls of 100 share alike', () => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: {
        'generic/a': {
          limits: [{ unit: 'tokens', amount: 10_000, perMs: 1_000, algorithm: 'token-bucket' }],
        },
      },
    })
    const model = target('generic/a')
    const granted = { small: 0, large: 0 }
    const ask = (tenant: 'small' | 'large', input: number) =>
      admission.reserve(asking(model, { input, tenant })).onChange(({ reservation }) => {
        granted[tenant] += input
        reservation?.settle({ inputTokens: input, outputTokens: 0 }, 'exact')
      })
    for (let index = 0; index < 5_000; index++) ask('small', 100)
    for (let index = 0; index < 100; index++) ask('large', 5_000)
    clock.advanceSync(60_000)
    expect(granted.small / (granted.small + granted.large)).toBeCloseTo(0.5, 1)
    expect(Math.abs(granted.small - granted.large)).toBeLessThanOrEqual(10_000)
  })
})

describe('a backlog of low priority alone', () => {
  it.each([
    ['token-bucket', 1.01],
    ['fixed-window', 1.02],
    ['sliding-window', 1.05],
  ] as const)('uses the whole of a %s', (algorithm, bar) => {
    const traffic = generated('conversation', { requests: 6_000, seed: 5 })
    const result = simulate({ traffic, algorithm, windows: 60, priority: 'low' })
    expect(result).toMatchObject({ admitted: 6_000, rateLimited: 0, unsettled: 0 })
    expect(result.ratio).toBeLessThanOrEqual(bar)
  })
})

/** Between any two that both wait. All of them began to wait at the same time, so what they had by then is nothing. */
function worstGap(tenants: readonly Sample[], weights: readonly number[]): number {
  let worst = 0
  for (const [one, { granted, waiting }] of tenants.entries()) {
    for (const [other, sample] of tenants.entries()) {
      if (waiting === 0 || sample.waiting === 0) continue
      worst = Math.max(worst, granted / weights[one]! - sample.granted / weights[other]!)
    }
  }
  return worst
}

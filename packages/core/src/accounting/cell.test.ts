import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, latency, setUp } from './ledger.fixture.ts'

describe('cost', () => {
  it('is absent where no price was known, never 0', () => {
    const { add, only } = setUp()
    add()
    expect(only()).not.toHaveProperty('costUsd')
    expect(only()).not.toHaveProperty('wastedUsd')
    expect(only().unpriced).toBe(1)
  })

  it('is of the calls whose price is known, and says how many are not in it', () => {
    const { add, only } = setUp()
    add({ costUsd: 1.16, wastedUsd: 0 })
    add()
    add()
    expect(only()).toMatchObject({ costUsd: 1.16, unpriced: 2 })
  })

  it('is not known either where it is no number', () => {
    const { add, only } = setUp()
    add({ costUsd: Number.NaN, wastedUsd: Number.NaN })
    expect(only()).not.toHaveProperty('costUsd')
    expect(only().unpriced).toBe(1)
  })

  it('of calls that sent nothing is 0, whether or not a price is known', () => {
    const { add, only } = setUp()
    add({ outcome: 'rejected', attempts: 0, usage: {} })
    add({ cache: 'hit', attempts: 0, usage: {} })
    expect(only()).toMatchObject({ costUsd: 0, unpriced: 0 })
  })

  it('is not known where only what sent nothing has a price', () => {
    const { add, only } = setUp()
    add({ cache: 'hit', attempts: 0, usage: {}, costUsd: 0, wastedUsd: 0 })
    add()
    expect(only()).not.toHaveProperty('costUsd')
  })

  it('has no error of adding up', () => {
    const { add, only } = setUp()
    for (let call = 0; call < 10_000; call++) add({ costUsd: 0.1, wastedUsd: 0.01 })
    expect(only()).toMatchObject({ costUsd: 1_000, wastedUsd: 100 })
  })
})

describe('failures', () => {
  it('of one class are added up, of one tenant and of several', () => {
    const { add, only, report } = setUp()
    for (const [tenant, server] of [
      ['a', 1],
      ['a', 2],
      ['b', 4],
    ] as const)
      add({ attributes: { tenant }, failures: { server } })
    expect(only().errors).toEqual({ server: 7 })
    expect(report({ by: 'tenant' }).rows.map(({ errors }) => errors)).toEqual([{ server: 3 }, { server: 4 }])
  })
})

describe('percentiles', () => {
  it('are of calls that were not refused, of waits, and of first contents where there were any', () => {
    const { add, only } = setUp()
    for (let ms = 1; ms <= 20; ms++) add({ latencyMs: latency(ms, { queue: ms * 2, firstContent: ms / 2 }) })
    for (let call = 0; call < 100; call++)
      add({ outcome: 'rejected', attempts: 0, latencyMs: latency(0, { queue: 30 }) })
    const { total, queue, firstContent } = only().latencyMs
    expect(total).toEqual({ p50: 10, p95: 19, p99: 20 })
    expect(queue!.p50).toBeCloseTo(30, 0)
    expect(firstContent).toEqual({ p50: 5, p95: 9.5, p99: 10 })
  })

  it('stay within 2 % of the true ones, whatever cells and slots they are put together from', () => {
    const call = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.integer({ min: 0, max: 2 * HOUR }),
      total: fc.double({ min: 0.01, max: 90_000, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 300 }), (calls) => {
        const { at, add, report } = setUp()
        let time = 0
        for (const { tenant, afterMs, total } of calls) {
          at((time += afterMs / 10))
          add({ attributes: { tenant }, latencyMs: latency(total) })
        }
        for (const { key, latencyMs } of report({ by: 'tenant' }).rows) {
          const times = calls.filter((one) => one.tenant === key.tenant).map(({ total }) => total)
          const sorted = times.toSorted((a, b) => a - b)
          for (const [name, share] of [
            ['p50', 0.5],
            ['p95', 0.95],
            ['p99', 0.99],
          ] as const) {
            const exact = sorted[Math.ceil(share * sorted.length) - 1]!
            expect(Math.abs(latencyMs.total![name] - exact)).toBeLessThanOrEqual(exact * 0.02)
          }
        }
      }),
    )
  })
})

describe('a record that is not as it should be', () => {
  it.each([Number.NaN, Infinity, -5])('does not spoil the sums: %d', (odd) => {
    const { add, only } = setUp()
    const usage = { inputTokens: odd, outputTokens: odd, cacheReadTokens: odd }
    const latencyMs = latency(odd, { queue: odd, firstContent: odd })
    add({
      usage,
      costUsd: odd,
      wastedUsd: odd,
      attempts: odd,
      retries: odd,
      latencyMs,
      failures: { server: odd },
    })
    add({ costUsd: 1, wastedUsd: 0 })
    expect(only()).toMatchObject({ inputTokens: 100, outputTokens: 10, costUsd: 1, attempts: 1 })
    expect(Object.values(only().latencyMs.total!).every((value) => Number.isFinite(value))).toBe(true)
  })
})

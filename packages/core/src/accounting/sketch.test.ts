import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sketch } from './sketch.ts'

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return sketch
}

/** By nearest rank, from the values themselves. */
function exact(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** By how much of the true one the worst of them is off. Less than a thousandth of a millisecond is nothing. */
function worstError(told: ReturnType<typeof exact>, values: readonly number[]): number {
  const right = exact(values)
  const errors = (['p50', 'p95', 'p99'] as const).map((name) => {
    const off = Math.abs(told[name] - right[name])
    return off <= 1e-3 ? 0 : off / right[name]
  })
  return Math.max(...errors)
}

const times = fc.oneof(
  fc.double({ min: 0, max: 120_000, noNaN: true }),
  fc.constant(0),
  fc.integer({ min: 1, max: 500 }),
)

describe('percentiles', () => {
  it('are exact of few values', () => {
    expect(sketchOf([5]).percentiles()).toEqual({ p50: 5, p95: 5, p99: 5 })
    expect(sketchOf(Array.from({ length: 20 }, (_, index) => index + 1)).percentiles()).toEqual({
      p50: 10,
      p95: 19,
      p99: 20,
    })
  })

  it('are of none unknown', () => {
    expect(new Sketch().percentiles()).toBeUndefined()
    const empty = new Sketch()
    empty.merge(new Sketch())
    expect(empty.percentiles()).toBeUndefined()
  })

  it('of many are within 2 % of the true ones, however they were put together', () => {
    const cells = fc.array(fc.array(times, { maxLength: 200 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(cells, (sets) => {
        const merged = new Sketch()
        for (const set of sets) merged.merge(sketchOf(set))
        const told = merged.percentiles()
        fc.pre(told !== undefined)
        expect(worstError(told, sets.flat())).toBeLessThanOrEqual(0.02)
      }),
      { numRuns: 300 },
    )
  })

  it('of many are of just that rank, where a share of the count is off by the error of a division', () => {
    const values = Array.from({ length: 2_150 }, (_, index) => (index < 2_042 ? 1 : 1_000))
    expect(sketchOf(values).percentiles()!.p95).toBeGreaterThan(980)
  })

  it('take what is no time for none, and what is too long for eleven days', () => {
    expect(sketchOf([Number.NaN]).percentiles()).toBeUndefined()
    expect(sketchOf([-5, Infinity, 1e300]).percentiles()).toEqual({ p50: 1e9, p95: 1e9, p99: 1e9 })
    const many = sketchOf(Array.from({ length: 100 }, (_, index) => (index < 60 ? -1 : Infinity)))
    expect(many.percentiles()!.p50).toBe(0)
    expect(many.percentiles()!.p99).toBeGreaterThan(0.98e9)
  })

  it('leave what was merged in as it was', () => {
    const one = sketchOf([1, 2, 3])
    const other = sketchOf(Array.from({ length: 100 }, () => 50))
    other.merge(one)
    one.merge(other)
    expect(one.percentiles()!.p50).toBeCloseTo(50, -1)
    other.add(1_000)
    expect(one.percentiles()!.p99).toBeLessThan(51)
  })
})

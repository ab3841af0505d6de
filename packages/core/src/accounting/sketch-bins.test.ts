import { describe, expect, it } from 'vitest'
import { Sketch } from './sketch.ts'

function sketchOf(...times: readonly (readonly [value: number, count: number])[]): Sketch {
  const sketch = new Sketch()
  for (const [value, count] of times) for (let call = 0; call < count; call++) sketch.add(value)
  return sketch
}

const p50 = (sketch: Sketch) => sketch.percentiles()!.p50

/** By how much of the true value it is told wrong. */
const errorOf = (told: number, value: number) => Math.abs(told - value) / value

describe('times', () => {
  it('are kept as they are up to 32 of them, and within 2 % from there on', () => {
    expect(p50(sketchOf([1, 15], [17, 17]))).toBe(17)
    const more = p50(sketchOf([1, 16], [17, 17]))
    expect(more).not.toBe(17)
    expect(errorOf(more, 17)).toBeLessThan(0.02)
  })

  it('are told as none below a thousandth of a millisecond', () => {
    expect([p50(sketchOf([0.000_99, 1])), p50(sketchOf([0.001, 1]))]).toEqual([0, 0.001])
    expect(p50(sketchOf([0.000_99, 100]))).toBe(0)
    expect(errorOf(p50(sketchOf([0.001, 100])), 0.001)).toBeLessThan(0.02)
  })

  it('of whatever length are off by 1.9 % at most, above and below', () => {
    const errors = Array.from({ length: 700 }, (_, step) => {
      const value = 0.001 * 1.04 ** step
      return p50(sketchOf([value, 33])) / value - 1
    })
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.019_001)
    expect(Math.min(...errors)).toBeGreaterThanOrEqual(-0.019_001)
    expect(Math.max(...errors) - Math.min(...errors)).toBeGreaterThan(0.035)
  })

  it.each([
    ['ever longer', 1.001],
    ['ever shorter', 1 / 1.001],
  ])('that are %s are all counted', (_, factor) => {
    const values = Array.from({ length: 10_000 }, (__, call) => 100 * factor ** call)
    const sorted = values.toSorted((a, b) => a - b)
    const told = sketchOf(...values.map((value) => [value, 1] as const)).percentiles()!
    expect(errorOf(told.p50, sorted[4_999]!)).toBeLessThan(0.02)
    expect(errorOf(told.p99, sorted[9_899]!)).toBeLessThan(0.02)
  })

  it('that are none count, and come first', () => {
    expect(p50(sketchOf([10, 50], [0, 50]))).toBe(0)
    expect(errorOf(p50(sketchOf([10, 51], [0, 49])), 10)).toBeLessThan(0.02)
    expect(sketchOf([0, 100]).percentiles()).toEqual({ p50: 0, p95: 0, p99: 0 })
  })
})

describe('what is put together', () => {
  it.each<[string, readonly [number, number][], readonly [number, number][]]>([
    ['a few with a few', [[10, 1]], [[20, 2]]],
    ['a few with many', [[10, 10]], [[20, 40]]],
    ['many with a few', [[20, 40]], [[10, 10]]],
    ['many with many that take none at all', [[20, 40]], [[0, 60]]],
    ['many with many that take longer', [[20, 40]], [[9_000, 60]]],
    ['many with many that take less', [[9_000, 40]], [[0.5, 60]]],
    [
      'none with many',
      [],
      [
        [20, 40],
        [0, 30],
        [500, 10],
      ],
    ],
  ])('is told as what was added to one: %s', (_, one, other) => {
    const merged = sketchOf(...one)
    merged.merge(sketchOf(...other))
    expect(merged.percentiles()).toEqual(sketchOf(...one, ...other).percentiles())
  })
})

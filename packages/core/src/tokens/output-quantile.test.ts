import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../time/random.ts'
import { OutputQuantile } from './output-quantile.ts'

/** Lengths whose logs are all but normal, with this median and standard deviation. */
function lengths(count: number, median: number, sd: number): readonly number[] {
  const random = seededRandom(9)
  const normal = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6
  return Array.from({ length: count }, () => Math.round(median * Math.exp(sd * normal())))
}

function shareAbove(quantile: OutputQuantile, from: readonly number[]): number {
  return from.filter((length) => length > quantile.value()).length / from.length
}

test('starts at 512', () => {
  expect(new OutputQuantile().value()).toBeCloseTo(512)
})

test.each([
  [20, 0.8],
  [300, 0.8],
  [8_000, 0.5],
])('finds the 90th percentile about a median of %d', (median, sd) => {
  const quantile = new OutputQuantile()
  const seen = lengths(2_000, median, sd)
  for (const length of seen) quantile.learn(length)
  expect(shareAbove(quantile, seen)).toBeGreaterThan(0.05)
  expect(shareAbove(quantile, seen)).toBeLessThan(0.16)
})

test('comes near within some fifty answers', () => {
  const quantile = new OutputQuantile()
  for (const length of lengths(60, 20, 0.8)) quantile.learn(length)
  expect(quantile.value()).toBeLessThan(150)
})

test('follows a change', () => {
  const quantile = new OutputQuantile()
  for (const length of lengths(2_000, 50, 0.5)) quantile.learn(length)
  const later = lengths(1_000, 1_000, 0.5)
  for (const length of later) quantile.learn(length)
  expect(shareAbove(quantile, later)).toBeLessThan(0.2)
})

test('another quantile', () => {
  const quantile = new OutputQuantile(0.5)
  const seen = lengths(3_000, 200, 0.8)
  for (const length of seen) quantile.learn(length)
  expect(shareAbove(quantile, seen)).toBeGreaterThan(0.38)
  expect(shareAbove(quantile, seen)).toBeLessThan(0.62)
})

test('whatever comes, it stays a length', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double(), fc.constant(1e12), fc.constant(0))), (answers) => {
      const quantile = new OutputQuantile()
      for (const tokens of answers) quantile.learn(tokens)
      expect(quantile.value()).toBeGreaterThanOrEqual(0.999_999)
      expect(quantile.value()).toBeLessThanOrEqual(1_000_001)
    }),
  )
})

import { expect, test } from 'vitest'
import { OutputQuantile } from './output-quantile.ts'

function after(quantile: number | undefined, ...answers: readonly number[]): number {
  const learnt = new OutputQuantile(quantile)
  for (const tokens of answers) learnt.learn(tokens)
  return Math.log(learnt.value() / 512)
}

test('a longer answer moves it up by the quantile of a step, another down by the rest', () => {
  expect(after(undefined, 513)).toBeCloseTo(2 * 0.9, 12)
  expect(after(undefined, 511)).toBeCloseTo(-2 * 0.1, 12)
  expect(after(undefined, 512)).toBeCloseTo(-2 * 0.1, 12)
  expect(after(0.5, 513)).toBeCloseTo(2 * 0.5, 12)
})

test('steps become smaller, down to a twentieth', () => {
  expect(after(0.5, 1e6, 1, 1e6)).toBeCloseTo(1 - 1 / Math.sqrt(2) + 1 / Math.sqrt(3), 12)
  const many = Array.from({ length: 5_000 }, (_, answer) => (answer % 2 === 0 ? 1e6 : 1))
  expect(after(0.5, ...many, 1e6) - after(0.5, ...many)).toBeCloseTo(0.05 * 0.5, 12)
})

test('an empty answer is as long as one of a token, and what is no count is left out', () => {
  const low = Array.from({ length: 400 }, () => 1)
  expect(after(undefined, ...low)).toBeCloseTo(-Math.log(512), 12)
  expect(after(undefined, ...low, 0)).toBeCloseTo(-Math.log(512), 12)
  expect(after(undefined, 0)).toBeCloseTo(-2 * 0.1, 12)
  expect(after(undefined, -1, Number.NaN, Infinity, 513)).toBeCloseTo(2 * 0.9, 12)
})

test('it is a million at most', () => {
  expect(after(undefined, ...Array.from({ length: 400 }, () => 1e9))).toBeCloseTo(Math.log(1e6 / 512), 12)
})

test('a share that is none is taken for the nearest that is', () => {
  expect([after(2, 513), after(-1, 513)]).toEqual([after(0.999, 513), after(0.001, 513)])
  expect(after(2, 1)).toBeCloseTo(-2 * 0.001, 12)
})

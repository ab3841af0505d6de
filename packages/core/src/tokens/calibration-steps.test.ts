import { describe, expect, it } from 'vitest'
import { Calibration } from './calibration.ts'

function after(...calls: readonly (readonly [estimated: number, actual: number])[]): Calibration {
  const calibration = new Calibration()
  for (const [estimated, actual] of calls) calibration.learn(estimated, actual)
  return calibration
}

const same = (ratio: number, calls: number) =>
  Array.from({ length: calls }, () => [100, 100 * ratio] as const)

describe('what one call teaches', () => {
  const residual = Math.log(1.5)
  const variance = 0.1 ** 2 / 2 + (residual / 2) ** 2
  const bias = 1 / (1 / 0.07 ** 2 + 1 / variance)

  it('moves the mean half of the way: the prior weighs as much', () => {
    expect(after([100, 150]).center()).toBeCloseTo(Math.sqrt(1.5), 12)
    expect(after([150, 100]).center()).toBeCloseTo(Math.sqrt(1 / 1.5), 12)
  })

  it('leaves the mean less uncertain, by how far it was off', () => {
    expect(after([100, 150]).factor()).toBeCloseTo(Math.exp(residual / 2 + 2 * Math.sqrt(bias)), 12)
    expect(after([100, 150]).most()).toBeCloseTo(Math.exp(residual / 2 + 3 * Math.sqrt(bias + variance)), 12)
  })

  it('is less the more were known, down to a 65th', () => {
    expect(after(...same(1, 9), [100, 150]).center()).toBeCloseTo(1.5 ** (1 / 11), 12)
    expect(after(...same(1, 63), [100, 150]).center()).toBeCloseTo(1.5 ** (1 / 65), 12)
    expect(after(...same(1, 500), [100, 150]).center()).toBeCloseTo(1.5 ** (1 / 65), 12)
  })

  it('is at most that it was four times as much, or a quarter', () => {
    expect(after([1, 1_000]).center()).toBeCloseTo(2, 12)
    expect(after([1_000, 1]).center()).toBeCloseTo(0.5, 12)
  })
})

describe('what is left once calls are alike', () => {
  it('is three percent of noise, and of that an eighth in the mean', () => {
    const bias = 1 / (1 / 0.07 ** 2 + 64 / 0.03 ** 2)
    expect(after(...same(1, 2_000)).factor()).toBeCloseTo(Math.exp(2 * Math.sqrt(bias)), 12)
    expect(after(...same(1, 2_000)).most()).toBeCloseTo(Math.exp(3 * Math.sqrt(bias + 0.03 ** 2)), 12)
  })

  it('passes neither four times nor a quarter', () => {
    expect([after(...same(100, 900)).factor(), after(...same(100, 900)).most()]).toEqual([4, 4])
    expect(after(...same(0.01, 900)).center()).toBeCloseTo(0.25, 6)
  })
})

it('a ratio that is no number, or none at all, is left out', () => {
  const odd = after([5e-324, 1e300], [1e300, 5e-324], [-100, -100], [0, 0])
  expect([odd.center(), odd.factor(), odd.most()]).toEqual(
    [new Calibration()].flatMap((fresh) => [fresh.center(), fresh.factor(), fresh.most()]),
  )
})

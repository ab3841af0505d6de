import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { seededRandom } from '../time/random.ts'
import { Calibration } from './calibration.ts'

function learnt(ratio: number, calls: number, scatter = 0): Calibration {
  const random = seededRandom(1)
  const calibration = new Calibration()
  for (let call = 0; call < calls; call++) {
    calibration.learn(1_000, 1_000 * ratio * Math.exp(scatter * (2 * random() - 1)))
  }
  return calibration
}

function margin(calibration: Calibration): number {
  return calibration.factor() / calibration.center()
}

test('a cold start reserves some 15 % more', () => {
  expect(new Calibration().factor()).toBeCloseTo(1.15, 2)
  expect(new Calibration().center()).toBe(1)
})

test.each([1, 0.8, 1.35, 3])(
  'a provider that counts %d of ours is learnt, and then hardly anything is added',
  (ratio) => {
    const calibration = learnt(ratio, 400)
    expect(calibration.center() / ratio).toBeCloseTo(1, 2)
    expect(calibration.factor() / calibration.center()).toBeLessThan(1.01)
  },
)

test('scatter is learnt too: the more, the longer it stays careful', () => {
  expect(margin(learnt(1, 20, 0.3))).toBeGreaterThan(margin(learnt(1, 20, 0.03)))
  expect(margin(learnt(1, 400, 0.3))).toBeLessThan(1.06)
})

test('a change is followed', () => {
  const calibration = learnt(1, 400)
  for (let call = 0; call < 300; call++) calibration.learn(1_000, 1_300)
  expect(calibration.center()).toBeCloseTo(1.3, 1)
})

test('what is no count is left out', () => {
  const calibration = new Calibration()
  for (const odd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    calibration.learn(odd, 100)
    calibration.learn(100, odd)
  }
  expect(calibration.factor()).toBe(new Calibration().factor())
})

test('whatever comes, the factor stays between a quarter and four', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double(), fc.double())), (calls) => {
      const calibration = new Calibration()
      for (const [estimated, actual] of calls) calibration.learn(estimated, actual)
      for (const value of [calibration.factor(), calibration.center()]) {
        expect(value).toBeGreaterThanOrEqual(0.249_999)
        expect(value).toBeLessThanOrEqual(4.000_001)
      }
    }),
  )
})

describe('what is hardly ever exceeded', () => {
  it('is three standard deviations above, of the mean and of single calls together', () => {
    const calibration = new Calibration()
    expect(calibration.most()).toBeCloseTo(Math.exp(3 * Math.hypot(0.07, 0.1)), 9)
    for (let call = 0; call < 1_000; call++) calibration.learn(100, 120)
    // Calls that are all alike leave no more than the least noise.
    expect(calibration.most()).toBeCloseTo(1.2 * Math.exp(3 * 0.03), 1)
    expect(calibration.most()).toBeGreaterThan(calibration.factor())
  })

  it('holds for nearly all of calls that scatter', () => {
    const calibration = new Calibration()
    const random = seededRandom(1)
    const ratio = () => Math.exp(0.3 * (random() + random() + random() - 1.5))
    for (let call = 0; call < 200; call++) calibration.learn(1_000, 1_000 * ratio())
    const above = Array.from({ length: 5_000 }, ratio).filter((one) => one > calibration.most()).length
    expect(above).toBeLessThan(25)
  })

  it('stays between a quarter and four times', () => {
    const calibration = new Calibration()
    for (let call = 0; call < 100; call++) calibration.learn(1, 1_000)
    expect(calibration.most()).toBe(4)
  })
})

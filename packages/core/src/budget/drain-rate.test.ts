import { expect, it } from 'vitest'
import { DrainRate } from './drain-rate.ts'

it('the drain rate comes to what is steady, and fades when nobody is let in', () => {
  const rate = new DrainRate()
  expect(rate.perMinute(5)).toBeUndefined()
  for (let now = 0; now <= 600_000; now += 500) rate.granted(now)
  expect(rate.perMinute(600_000)! / 120).toBeCloseTo(1, 1)
  expect(rate.perMinute(660_000)! / 120).toBeCloseTo(Math.exp(-1), 1)
})

it('the first to be let in counts whole', () => {
  const rate = new DrainRate()
  rate.granted(5)
  expect(rate.perMinute(5)).toBe(1)
})

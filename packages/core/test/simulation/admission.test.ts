import { describe, expect, it } from 'vitest'
import type { Counting } from './provider.ts'
import { simulate } from './simulate.ts'
import { generated, traced } from './traffic.ts'

/** How late the last admission may be, over the lower bound: measured on a prototype, and held since. */
const BARS: readonly [Counting, number][] = [
  ['token-bucket', 1.01],
  ['fixed-window', 1.02],
  ['sliding-window', 1.05],
]
/** Enough of them that one call which just missed the last, and so costs a whole window more, stays within the bar. */
const WINDOWS = 60
const UNITS = ['tokens', 'requests'] as const

describe.each(['code', 'conversation'] as const)('%s traffic, four times as much as the limit', (kind) => {
  describe.each(BARS)('against a %s', (algorithm, bar) => {
    it.each(UNITS)('of %s, generated: no call is turned back, and the limit is used', (unit) => {
      for (const seed of [1, 2, 3]) {
        const traffic = generated(kind, { requests: 6_000, seed })
        const result = simulate({ traffic, algorithm, unit, windows: WINDOWS, phase: 12_345, seed })
        expect(result).toMatchObject({ admitted: 6_000, rateLimited: 0, unsettled: 0 })
        expect(result.ratio).toBeLessThanOrEqual(bar)
      }
    })

    const trace = traced(kind)
    it.skipIf(trace === undefined).each(UNITS)('of %s, as it was traced', (unit) => {
      const traffic = trace!
      const result = simulate({ traffic, algorithm, unit, windows: WINDOWS, phase: 12_345 })
      expect(result).toMatchObject({ admitted: traffic.length, rateLimited: 0, unsettled: 0 })
      expect(result.ratio).toBeLessThanOrEqual(bar)
    })
  })
})

describe('told of by headers that were read late', () => {
  it.each(BARS)('a %s that nobody else uses is used as if there were none', (algorithm, bar) => {
    for (const headersLateMs of [2_000, 10_000]) {
      const traffic = generated('code', { requests: 6_000, seed: 1 })
      const result = simulate({ traffic, algorithm, windows: WINDOWS, phase: 12_345, headersLateMs })
      expect(result).toMatchObject({ admitted: 6_000, rateLimited: 0, unsettled: 0 })
      expect(result.ratio).toBeLessThanOrEqual(bar)
    }
  })
})

describe('with somebody else who takes 30 %, told of by headers and rate limits alone', () => {
  it.each([
    ['token-bucket', 0.001],
    ['fixed-window', 0.06],
    ['sliding-window', 0.06],
  ] as const)('a %s turns back few calls, and what is left of it is used', (algorithm, share) => {
    const traffic = generated('conversation', { requests: 6_000, seed: 1 })
    const result = simulate({ traffic, algorithm, windows: 40, foreign: 0.3, phase: 12_345 })
    expect(result).toMatchObject({ admitted: 6_000, unsettled: 0 })
    expect(result.rateLimited / result.calls).toBeLessThanOrEqual(share)
    expect(result.ratio * 0.7).toBeLessThanOrEqual(1.1)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const repeat = fc.integer({ min: 1, max: 10_000 })

describe('the wait before a repeat', () => {
  it('is at most 500 ms, and then twice as long each time, up to 8 s', () => {
    const longest = [1, 2, 3, 4, 5, 6, 100].map((nth) =>
      backoffMs({ repeat: nth, retryAfterMs: undefined, random: 1 - Number.EPSILON }),
    )
    expect(longest.map(Math.round)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  })

  it('is anything from nothing to that: full jitter', () => {
    fc.assert(
      fc.property(repeat, random, (nth, drawn) => {
        const ms = backoffMs({ repeat: nth, retryAfterMs: undefined, random: drawn })
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThan(Math.min(8_000, 500 * 2 ** (nth - 1)))
      }),
    )
    expect(backoffMs({ repeat: 3, retryAfterMs: undefined, random: 0 })).toBe(0)
  })

  it('is what the provider asked for, never less, and hardly more', () => {
    const asked = fc.double({ min: 0.001, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(repeat, random, asked, (nth, drawn, retryAfterMs) => {
        const ms = backoffMs({ repeat: nth, retryAfterMs, random: drawn })
        expect(ms).toBeGreaterThanOrEqual(retryAfterMs)
        expect(ms).toBeLessThanOrEqual(retryAfterMs * 1.05)
      }),
    )
  })

  it('takes a hint of no time for none', () => {
    expect(backoffMs({ repeat: 1, retryAfterMs: 0, random: 0.5 })).toBe(250)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countingBy, sliced } from './counting.ts'

const SECOND = 1_000
const MINUTE = 60_000
const DAY = 86_400_000

describe('how a limit is counted', () => {
  it('is safe for all where nobody says', () => {
    expect(countingBy(undefined)('tokens', MINUTE)).toStrictEqual({ algorithm: 'sliding-window' })
    expect(countingBy([])('tokens', MINUTE)).toStrictEqual({ algorithm: 'sliding-window' })
  })

  it('is one way for all, in one word', () => {
    expect(countingBy('token-bucket')('output', DAY)).toStrictEqual({ algorithm: 'token-bucket' })
  })

  it('is by the first rule that fits', () => {
    const calendar = { every: 'day', timeZone: 'UTC' } as const
    const of = countingBy([
      { unit: 'requests', perMs: DAY, calendar },
      { unit: 'requests', sliceMs: SECOND },
      { perMs: MINUTE, algorithm: 'fixed-window' },
      { unit: 'requests', algorithm: 'token-bucket' },
    ])
    expect([
      of('requests', DAY),
      of('requests', MINUTE),
      of('tokens', MINUTE),
      of('tokens', DAY),
    ]).toStrictEqual([
      { algorithm: 'quota', calendar },
      { algorithm: 'sliding-window', sliceMs: SECOND },
      { algorithm: 'fixed-window' },
      { algorithm: 'sliding-window' },
    ])
  })
})

describe('a window that is enforced in slices', () => {
  it.each([
    [600, MINUTE, SECOND, 10, SECOND],
    [120, MINUTE, 10 * SECOND, 20, 10 * SECOND],
    [90, MINUTE, SECOND, 2, (2 * MINUTE) / 90],
    [6, MINUTE, SECOND, 1, 10 * SECOND],
    [1, MINUTE, SECOND, 1, MINUTE],
    [5, SECOND, SECOND, 5, SECOND],
    [2.5, SECOND, SECOND, 2.5, SECOND],
    [5, 500, SECOND, 5, 500],
    [Infinity, MINUTE, SECOND, Infinity, MINUTE],
  ])('of %s in %s ms by %s ms is %s in %s ms', (amount, perMs, sliceMs, capacity, window) => {
    expect(sliced(amount, { perMs, sliceMs })).toStrictEqual({ capacity, perMs: window })
  })

  it('lets as much through in the end, whole calls at a time, and no slice is shorter than theirs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 1, max: 59_999 }),
        (amount, sliceMs) => {
          const { capacity, perMs } = sliced(amount, { perMs: MINUTE, sliceMs })
          expect(Number.isInteger(capacity) && capacity >= 1).toBe(true)
          expect(((capacity / perMs) * MINUTE) / amount).toBeCloseTo(1, 9)
          expect(perMs).toBeGreaterThanOrEqual(sliceMs * (1 - 1e-9))
        },
      ),
    )
  })
})

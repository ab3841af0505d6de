import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Peaks } from './peaks.ts'

const charge = fc.record({ after: fc.integer({ min: 0, max: 5 }), level: fc.integer({ min: -20, max: 100 }) })

function replay(charges: readonly { after: number; level: number }[]) {
  const peaks = new Peaks()
  let at = 0
  const log = charges.map(({ after, level }) => {
    at += after
    peaks.add(at, level)
    return { at, level }
  })
  const since = (from: number) =>
    Math.max(-Infinity, ...log.filter((one) => one.at > from).map(({ level }) => level))
  return { peaks, since, end: at }
}

describe('the highest level since a moment', () => {
  it('is what a whole log says, for as many peaks as are told apart', () => {
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 60 }), (charges) => {
        const { peaks, since, end } = replay(charges)
        for (let at = -1; at <= end + 1; at++) expect(peaks.since(at)).toBe(since(at))
      }),
    )
  })

  it('is never lower than that for however many', () => {
    // A long way down: no level is ever exceeded, so each of them is a peak.
    const { peaks, since, end } = replay(
      Array.from({ length: 500 }, (_, index) => ({ after: 1, level: -index })),
    )
    for (let at = 0; at <= end; at++) expect(peaks.since(at)).toBeGreaterThanOrEqual(since(at))
    expect(peaks.since(end - 30)).toBe(since(end - 30))
  })

  it('is exact since the last 64, and of older ones the highest', () => {
    const { peaks } = replay(Array.from({ length: 500 }, (_, index) => ({ after: 1, level: 499 - index })))
    // The charge at 437 is the 64th from the end.
    expect([0, 300, 436, 437, 438].map((at) => peaks.since(at))).toEqual([499, 499, 499, 62, 61])
  })

  it('is one that tops all of more than are told apart, and of no fewer afterwards', () => {
    const down = (from: number, length: number) =>
      Array.from({ length }, (_, index) => ({ after: 1, level: from - index }))
    const top = replay([...down(0, 100), { after: 1, level: 1 }])
    expect([0, 99, 100, 101].map((at) => top.peaks.since(at))).toEqual([1, 1, 1, -Infinity])
    // Of 64 the last 10 are topped by one, and 9 more make 64 again.
    const { peaks, since, end } = replay([...down(0, 100), { after: 1, level: -90 }, ...down(-91, 9)])
    for (let at = 37; at <= end; at++) expect(peaks.since(at)).toBe(since(at))
  })

  it('stays exact for as many charges as there may be while later ones are as high as the earlier', () => {
    const rising = Array.from({ length: 300 }, (_, index) => ({ after: 1, level: Math.floor(index / 2) }))
    const alike = Array.from({ length: 300 }, () => ({ after: 1, level: 1 }))
    for (const later of [rising, alike]) {
      const before = [1_000, 500].map((level) => ({ after: 1, level }))
      const { peaks, since, end } = replay([...before, ...later])
      for (let at = 0; at <= end; at++) expect(peaks.since(at)).toBe(since(at))
    }
  })

  it('rises with a refund where it is later than the refunded charge', () => {
    const peaks = new Peaks()
    for (const [at, level] of [
      [1, 50],
      [2, 40],
      [3, 30],
    ] as const)
      peaks.add(at, level)
    peaks.raise(1, 5)
    expect([0, 1, 2].map((at) => peaks.since(at))).toEqual([50, 45, 35])
    peaks.raise(0, 20)
    expect([0, 1, 2].map((at) => peaks.since(at))).toEqual([70, 65, 55])
  })

  it('is none where nothing was charged since', () => {
    expect(new Peaks().since(0)).toBe(Number.NEGATIVE_INFINITY)
  })
})

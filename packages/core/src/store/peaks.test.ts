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

  it('is none where nothing was charged since', () => {
    expect(new Peaks().since(0)).toBe(Number.NEGATIVE_INFINITY)
  })
})

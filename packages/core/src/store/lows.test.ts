import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lows } from './lows.ts'

const note = fc.record({ after: fc.integer({ min: 1, max: 5 }), free: fc.integer({ min: -20, max: 100 }) })

function replay(notes: readonly { after: number; free: number }[]) {
  const lows = new Lows()
  let at = 0
  const log = notes.map(({ after, free }) => {
    at += after
    lows.add(at, free)
    return { at, free }
  })
  const since = (moment: number) => {
    const from = Math.max(...log.filter((one) => one.at <= moment).map((one) => one.at), -Infinity)
    return Math.min(...log.filter((one) => one.at >= from).map(({ free }) => free))
  }
  return { lows, since, end: at }
}

describe('the least that was free since a moment', () => {
  it('is what a whole log says from its last entry before it, for as many as are told apart', () => {
    fc.assert(
      fc.property(fc.array(note, { minLength: 1, maxLength: 16 }), (notes) => {
        const { lows, since, end } = replay(notes)
        for (let at = 0; at <= end + 1; at++) expect(lows.since(at)).toBe(since(at))
      }),
    )
  })

  it('is exact for the last of however many, and never higher for the older', () => {
    fc.assert(
      fc.property(fc.array(note, { minLength: 17, maxLength: 200 }), (notes) => {
        const { lows, since, end } = replay(notes)
        for (let at = 0; at <= end; at++) expect(lows.since(at)).toBeLessThanOrEqual(since(at))
      }),
    )
    const rising = replay(Array.from({ length: 100 }, (_, free) => ({ after: 1, free })))
    // Fifteen, and the oldest for all before them.
    expect([100, 86, 85, 1].map((at) => rising.lows.since(at))).toEqual([99, 85, 0, 0])
  })

  it('is that of calls at the same time as of one', () => {
    const lows = new Lows()
    for (const free of [50, 40, 30]) lows.add(1, free)
    lows.add(2, 45)
    expect([0, 1, 2].map((at) => lows.since(at))).toEqual([30, 30, 45])
  })

  it('stays exact for as many as there may be where later ones are as low', () => {
    const alike = Array.from({ length: 40 }, () => ({ after: 1, free: 5 }))
    const { lows, since, end } = replay([{ after: 1, free: 3 }, ...alike])
    for (let at = 1; at <= end; at++) expect(lows.since(at)).toBe(since(at))
  })

  it('is nothing to go by before anything was noted', () => {
    expect(new Lows().since(0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is the same when it was saved and restored, by a clock that was set back too', () => {
    const lows = new Lows()
    lows.add(100, 5)
    lows.add(200, Number.POSITIVE_INFINITY)
    const restored = new Lows()
    restored.restore(JSON.parse(JSON.stringify(lows.save())), 100)
    expect([99, 100].map((at) => restored.since(at))).toEqual([5, Number.POSITIVE_INFINITY])
  })
})

import { describe, expect, it } from 'vitest'
import { Heat } from './heat.ts'

const PERIOD_MS = 100

describe('what is asked for of many buckets', () => {
  it('is remembered for the period it was asked in and the next, and longer where it is asked again', () => {
    const heat = new Heat(PERIOD_MS)
    const [once, again] = [heat.of('once', 0), heat.of('again', 0)]
    expect(heat.of('again', 199)).toBe(again)
    expect(heat.of('again', 299)).toBe(again)
    expect(heat.of('once', 299)).not.toBe(once)
  })

  it('is of one bucket each', () => {
    const heat = new Heat(PERIOD_MS)
    expect(heat.of('one', 0)).toBe(heat.of('one', 99))
    expect(heat.of('one', 0)).not.toBe(heat.of('other', 0))
  })

  it('is forgotten where nobody asked for two periods', () => {
    const at = (now: number) => {
      const heat = new Heat(PERIOD_MS)
      return heat.of('one', 0) === heat.of('one', now)
    }
    expect([99, 100, 199, 200].map(at)).toEqual([true, true, true, false])
  })

  it('is watched of 4,096 in a period, and of others in the next', () => {
    const heat = new Heat(PERIOD_MS)
    const watched = Array.from({ length: 5_000 }, (_, nth) => heat.of(`${nth}`, 0) !== undefined)
    expect([watched.filter(Boolean).length, watched[4_095], watched[4_096]]).toEqual([4_096, true, false])
    expect(heat.of('0', 99)).toBeDefined()
    expect([heat.of('4999', 99), heat.of('4999', 100)?.isHot(100)]).toEqual([undefined, false])
  })
})

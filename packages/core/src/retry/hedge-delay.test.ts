import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../time/random.ts'
import { HedgeDelay } from './hedge-delay.ts'

describe('the delay of a hedge', () => {
  it('is not known before ten answers', () => {
    const delay = new HedgeDelay(0.95)
    const known = Array.from({ length: 10 }, () => {
      const { ms } = delay
      delay.learn(100)
      return ms
    })
    expect(known.every((ms) => ms === undefined)).toBe(true)
    expect(delay.ms).toBeGreaterThan(100)
  })

  it('becomes what all but the slowest stay below', () => {
    const random = seededRandom(7)
    const delay = new HedgeDelay(0.95)
    const draw = () => 200 * (1 + random())
    for (let answer = 0; answer < 5_000; answer++) delay.learn(draw())
    const slower = Array.from({ length: 5_000 }, draw).filter((ms) => ms > delay.ms!).length
    expect(slower / 5_000).toBeLessThan(0.12)
  })

  it('is paid from a budget of as many as are slow, of all calls', () => {
    const wanted = fc.array(fc.boolean(), { maxLength: 2_000 })
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 0.999, noNaN: true }), wanted, (quantile, asks) => {
        const delay = new HedgeDelay(quantile)
        let [calls, taken] = [0, 0]
        for (const ask of asks) {
          calls++
          delay.began()
          if (ask && delay.take()) taken++
          expect(taken).toBeLessThanOrEqual(1 + calls * (1 - quantile) + 1e-6)
        }
      }),
    )
  })

  it('goes down where answers are fast, from where it began', () => {
    const delay = new HedgeDelay(0.95)
    for (let answer = 0; answer < 1_000; answer++) delay.learn(10)
    expect(delay.ms).toBeLessThan(20)
    for (let answer = 0; answer < 1_000; answer++) delay.learn(5_000)
    expect(delay.ms).toBeGreaterThan(1_000)
  })

  it('may be paid for once at first, and then with every so many calls', () => {
    const delay = new HedgeDelay(0.75)
    expect([delay.take(), delay.take()]).toEqual([true, false])
    const taken = Array.from({ length: 12 }, () => (delay.began(), delay.take()))
    expect(taken.map(Number).join('')).toBe('000100010001')
  })

  it('is exact where a part of one is no binary number', () => {
    const delay = new HedgeDelay(0.9)
    delay.take()
    const taken = Array.from({ length: 100 }, () => (delay.began(), delay.take()))
    expect(taken.filter(Boolean)).toHaveLength(10)
  })

  it('saves up no more than ten', () => {
    const delay = new HedgeDelay(0.5)
    for (let call = 0; call < 1_000; call++) delay.began()
    const taken = Array.from({ length: 20 }, () => delay.take())
    expect(taken.filter(Boolean)).toHaveLength(10)
  })
})

import { describe, expect, it } from 'vitest'
import { Nearest, unit } from './nearest.ts'

const at = (...values: number[]) => unit(values)!

describe('the nearest', () => {
  it('is the closest of its scope, at the threshold or above', () => {
    const nearest = new Nearest()
    nearest.add('s', 'a', at(1, 0))
    nearest.add('s', 'b', at(1, 0.1))
    nearest.add('t', 'c', at(1, 0.2))
    expect(nearest.find('s', at(1, 0.2), 0.9)?.key).toBe('b')
    expect(nearest.find('t', at(1, 0), 0.9)?.key).toBe('c')
    expect(nearest.find('s', at(0, 1), 0.9)).toBeUndefined()
    expect(nearest.find('u', at(1, 0), 0)).toBeUndefined()
  })

  it('has nothing in common with a vector of another length', () => {
    const nearest = new Nearest()
    nearest.add('s', 'a', at(1, 0, 0))
    expect(nearest.find('s', at(1, 0), 0.1)).toBeUndefined()
  })

  it('is bounded, in a scope and in all', () => {
    const nearest = new Nearest()
    for (let n = 0; n < 3_000; n++) nearest.add('s', `${n}`, at(1, n))
    expect(nearest.find('s', at(1, 0), 0.999_999)).toBeUndefined()
    expect(nearest.find('s', at(1, 2_500), 0.999)).toBeDefined()
    const large = Array.from({ length: 2 ** 20 }, () => 1)
    for (let n = 0; n < 40; n++) nearest.add(`t${n}`, `large ${n}`, Float32Array.from(large))
    expect(nearest.find('s', at(1, 2_500), 0)).toBeUndefined()
    expect(nearest.find('t0', Float32Array.from(large), 0)).toBeUndefined()
    expect(nearest.find('t39', Float32Array.from(large), 0)).toBeDefined()
  })

  it('an answer that is asked for anew is found once', () => {
    const nearest = new Nearest()
    nearest.add('s', 'a', at(1, 0))
    nearest.add('t', 'a', at(1, 0))
    expect([nearest.find('s', at(1, 0), 0.5), nearest.find('t', at(1, 0), 0.5)?.key]).toEqual([
      undefined,
      'a',
    ])
  })

  it('of two that are as close is the later one, and a threshold is reached by what is just as close', () => {
    const nearest = new Nearest()
    nearest.add('s', 'a', at(1, 0))
    nearest.add('s', 'b', at(1, 0))
    expect(nearest.find('s', at(1, 0), 1)).toEqual({ key: 'b', similarity: 1 })
  })

  it('is one of a thousand, no more and no fewer', () => {
    const nearest = new Nearest()
    const far = (n: number) => at(...Array.from({ length: 12 }, (_, bit) => ((n >> bit) & 1 ? 1 : -1)))
    for (let n = 0; n < 1_000; n++) nearest.add('s', `${n}`, far(n))
    expect(nearest.find('s', far(0), 0.999)?.key).toBe('0')
    nearest.add('s', '1000', far(1_000))
    expect(nearest.find('s', far(0), 0.999)).toBeUndefined()
    expect(nearest.find('s', far(1), 0.999)?.key).toBe('1')
  })

  it('what is asked again is the newest of its scope', () => {
    const nearest = new Nearest()
    const far = (n: number) => at(...Array.from({ length: 12 }, (_, bit) => ((n >> bit) & 1 ? 1 : -1)))
    for (let n = 0; n < 1_000; n++) nearest.add('s', `${n}`, far(n))
    nearest.add('s', '0', far(0))
    nearest.add('s', '1000', far(1_000))
    expect(nearest.find('s', far(0), 0.999)?.key).toBe('0')
    expect(nearest.find('s', far(1), 0.999)).toBeUndefined()
  })

  it('one that is too large to keep is not kept, and its scope goes with the last of it', () => {
    const nearest = new Nearest()
    nearest.add('s', 'huge', new Float32Array(2 ** 24 + 1))
    expect(nearest.scopes).toBe(0)
    nearest.add('s', 'a', at(1, 0))
    nearest.add('s', 'b', at(0, 1))
    expect(nearest.scopes).toBe(1)
    nearest.add('t', 'a', at(1, 0))
    expect([nearest.scopes, nearest.find('s', at(0, 1), 0.5)?.key]).toEqual([2, 'b'])
    nearest.add('t', 'b', at(0, 1))
    expect([nearest.scopes, nearest.find('s', at(0, 1), 0)]).toEqual([1, undefined])
  })
})

describe('a vector of length 1', () => {
  it('points where it pointed', () => {
    expect([...unit([3, 4])!]).toEqual([Math.fround(0.6), Math.fround(0.8)])
  })

  it.each([[[]], [[0, 0]], [[Number.NaN, 1]], [[Infinity, 1]]])('there is none of %j', (vector) => {
    expect(unit(vector)).toBeUndefined()
  })
})

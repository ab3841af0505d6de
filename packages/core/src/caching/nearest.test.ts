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
})

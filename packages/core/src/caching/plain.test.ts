import { describe, expect, it } from 'vitest'
import { fromPlain, toPlain } from './plain.ts'

const throughJson = (data: unknown): unknown => JSON.parse(JSON.stringify(data))

describe('plain data', () => {
  it.each([
    ['a text', 'a'],
    ['null', null],
    ['0', 0],
    ['a list', [1, 'a', [true]]],
    ['a date', { at: new Date(5) }],
    ['a URL', new URL('https://a.example/b?c=d')],
    ['bytes', new Uint8Array([0, 255])],
    ['part of a larger buffer', new Uint8Array([1, 2, 3]).subarray(1, 2)],
    ['a Buffer', Buffer.from('abc')],
    ['a bigint', 12n],
    ['fields of our own name', { $plimsoll: 'date', value: 'not one' }],
    ['those inside of those', { $plimsoll: { $plimsoll: 1 } }],
    ['a key like every object has', JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}')],
    ['an object without a prototype', { ...Object.create(null), a: 1 }],
  ])('brings back %s', (_, value) => {
    expect(fromPlain(throughJson(toPlain(value)))).toEqual(value)
  })

  it('brings back a Buffer as one', () => {
    expect(Buffer.isBuffer(fromPlain(throughJson(toPlain(Buffer.from('a')))))).toBe(true)
  })

  it('says what it is that cannot be kept', () => {
    const faults = [() => 1, Number.NaN, new Map(), undefined].map((value) => {
      try {
        return toPlain([value])
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(faults).toEqual([
      'Plain data cannot hold what is function.',
      'Plain data cannot hold NaN.',
      'Plain data cannot hold an object of a class.',
      'Plain data cannot hold what is undefined.',
    ])
  })

  it('is written as it always was: what an older version has kept is read', () => {
    expect(toPlain([new Date(5), 12n, new Uint8Array([1]), Buffer.from([2]), { $plimsoll: 1 }])).toEqual([
      { $plimsoll: 'date', value: '1970-01-01T00:00:00.005Z' },
      { $plimsoll: 'bigint', value: '12' },
      { $plimsoll: 'bytes', value: 'AQ==' },
      { $plimsoll: 'buffer', value: 'Ag==' },
      { $plimsoll: 'fields', value: { $plimsoll: 1 } },
    ])
  })

  it('that somebody else wrote is taken for what it is', () => {
    for (const data of [
      { $plimsoll: 'fields', value: 5 },
      { $plimsoll: 'date' },
      { $plimsoll: 5, value: 'x' },
    ])
      expect(fromPlain(data)).toEqual(data)
  })

  it('leaves out fields that are undefined', () => {
    expect(toPlain({ a: undefined, b: 1 })).toEqual({ b: 1 })
  })

  class Point {
    x = 1
  }
  const circle: unknown[] = []
  circle.push(circle)
  it.each([
    [undefined],
    [[undefined]],
    [() => 1],
    [Symbol('a')],
    [Number.NaN],
    [Infinity],
    [new Map()],
    [new Set([1])],
    [new Point()],
    [/a/],
    [new Date(Number.NaN)],
    [Promise.resolve(1)],
    [circle],
  ])('throws for what would come back as something else: %o', (value) => {
    expect(() => toPlain({ value: [value] })).toThrow(/./)
  })

  it('gives each receiver an own copy', () => {
    const data = toPlain({ list: [{ a: 1 }] })
    const one = fromPlain(data) as { list: { a: number }[] }
    one.list[0]!.a = 2
    expect(fromPlain(data)).toEqual({ list: [{ a: 1 }] })
  })
})

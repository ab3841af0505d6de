import { describe, expect, it } from 'vitest'
import { Keys } from './keys.ts'

const keys = new Keys('a secret of tests')

describe('the key of an entry', () => {
  it('is the same in whatever order fields stand', () => {
    expect(keys.of({ a: 1, b: { c: [1, 2], d: 'x' } })).toBe(keys.of({ b: { d: 'x', c: [1, 2] }, a: 1 }))
  })

  it('is another for other data, however alike', () => {
    const data = [
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: null },
      { a: 1, b: null },
      [1],
      1,
      '1',
      '[1]',
      { b: 1 },
    ]
    expect(new Set(data.map((one) => keys.of(one))).size).toBe(data.length)
  })

  it('is another under another secret, and cannot be told from its own', () => {
    expect(new Keys('another secret').of({ a: 1 })).not.toBe(keys.of({ a: 1 }))
    expect(new Keys(new TextEncoder().encode('a secret of tests')).of({ a: 1 })).toBe(keys.of({ a: 1 }))
  })

  it('is SHA-256, in letters that any store takes', () => {
    expect(keys.of({ a: 1 })).toMatch(/^[\w-]{43}$/)
  })

  it('there is none of nothing, nor of what cannot be written', () => {
    expect(() => keys.of(undefined)).toThrow(TypeError)
    expect(() => keys.of({ a: () => 1 })).toThrow(TypeError)
  })
})

describe('the hash of a tenant', () => {
  it('is short, its own, and no entry', () => {
    expect(keys.holder('acme')).toMatch(/^[\w-]{22}$/)
    expect(keys.holder('acme')).toBe(keys.holder('acme'))
    expect(keys.of('acme').slice(0, 22)).not.toBe(keys.holder('acme'))
  })

  it('no name of a tenant is the same as having none', () => {
    const holders = [undefined, '', 'null', 'undefined', 'acme', '"acme"'].map((tenant) =>
      keys.holder(tenant),
    )
    expect(new Set(holders).size).toBe(6)
  })
})

import { describe, expect, it } from 'vitest'
import { Fuse } from './fuse.ts'

function burnt(): Fuse {
  const fuse = new Fuse()
  for (let n = 0; n < 3; n++) fuse.failed(0)
  return fuse
}

describe('a fuse', () => {
  it('lets everyone through until three have failed in a row', () => {
    const fuse = new Fuse()
    fuse.failed(0)
    fuse.failed(0)
    expect(fuse.lets(0)).toBe(true)
    fuse.succeeded()
    fuse.failed(0)
    fuse.failed(0)
    expect(fuse.lets(0)).toBe(true)
    fuse.failed(0)
    expect(fuse.lets(0)).toBe(false)
  })

  it('lets one through after a rest, and all when that one succeeds', () => {
    const fuse = burnt()
    expect([fuse.lets(4_999), fuse.lets(5_000), fuse.lets(5_000)]).toEqual([false, true, false])
    fuse.succeeded()
    expect(fuse.lets(5_001)).toBe(true)
  })

  it('rests anew when that one fails, or never comes back', () => {
    const fuse = burnt()
    expect(fuse.lets(5_000)).toBe(true)
    fuse.failed(6_000)
    expect([fuse.lets(10_999), fuse.lets(11_000), fuse.lets(15_999), fuse.lets(16_000)]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})

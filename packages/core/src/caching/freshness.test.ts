import { describe, expect, it } from 'vitest'
import { freshness, keepMs } from './freshness.ts'

const CACHE = { ttlMs: 100, staleWhileRevalidateMs: 20, staleIfErrorMs: 50 } as const

describe('what a kept answer is good for', () => {
  it.each([
    [0, 'fresh'],
    [99, 'fresh'],
    [100, 'stale'],
    [119, 'stale'],
    [120, 'last-resort'],
    [149, 'last-resort'],
    [150, 'over'],
  ] as const)('at an age of %d ms: %s', (ageMs, expected) => {
    expect(freshness(CACHE, ageMs)).toBe(expected)
  })

  it('is nothing past its time where the task does not say otherwise', () => {
    expect(freshness({ ttlMs: 100 }, 100)).toBe('over')
    expect(freshness({ ttlMs: 100, staleIfErrorMs: 1 }, 100)).toBe('last-resort')
  })

  it('is kept for as long as it is good for anything', () => {
    expect(keepMs(CACHE)).toBe(150)
    expect(keepMs({ ttlMs: 100, staleWhileRevalidateMs: 70, staleIfErrorMs: 50 })).toBe(170)
    expect(keepMs({ ttlMs: 100, staleWhileRevalidateMs: 70 })).toBe(170)
    expect(keepMs({ ttlMs: 100 })).toBe(100)
  })
})

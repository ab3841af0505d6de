import type { CacheStore, PlimsollEvent } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { virtualClock } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'

const HOUR = { ttlMs: 3_600_000 }

describe('what a host keeps by itself', () => {
  it('is found again as long as it is good', async () => {
    const clock = virtualClock()
    const { cache } = createPlimsoll({ clock })
    expect(await cache.lookup({ q: 1 }, HOUR)).toBeUndefined()
    await cache.keep({ q: 1 }, { a: ['b'] }, HOUR)
    expect(await cache.lookup({ q: 1 }, HOUR)).toEqual({ a: ['b'] })
    expect(await cache.lookup({ q: 2 }, HOUR)).toBeUndefined()
    await clock.advance(HOUR.ttlMs)
    expect(await cache.lookup({ q: 1 }, HOUR)).toBeUndefined()
  })

  it('is each tenant’s own unless it is shared, and goes with a purge', async () => {
    const { cache, with: inside } = createPlimsoll()
    const of = (tenant: string) => inside({ tenant }, () => cache.lookup('q', HOUR))
    await inside({ tenant: 'a' }, () => cache.keep('q', 1, HOUR))
    await inside({ tenant: 'b' }, () => cache.keep('q', 2, HOUR))
    expect([await of('a'), await of('b'), await of('c')]).toEqual([1, 2, undefined])
    await cache.purge({ tenant: 'a' })
    expect([await of('a'), await of('b')]).toEqual([undefined, 2])
    const shared = { ...HOUR, scope: 'shared' } as const
    await inside({ tenant: 'a' }, () => cache.keep('q', 3, shared))
    expect(await inside({ tenant: 'b' }, () => cache.lookup('q', shared))).toBe(3)
  })

  it('never fails its host: neither a store that does, nor a key or a value that is none', async () => {
    const events: PlimsollEvent[] = []
    const store: CacheStore = {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
    }
    const onEvent = (event: PlimsollEvent): void => void events.push(event)
    const plimsoll = createPlimsoll({ cache: { store, secret: 's'.repeat(32) }, onEvent })
    const { cache } = plimsoll
    await cache.keep('q', 'a', HOUR)
    expect(await cache.lookup('q', HOUR)).toBe('a')
    expect(await cache.lookup(undefined, HOUR)).toBeUndefined()
    await cache.keep('q', 1n, HOUR)
    await plimsoll.flush()
    const failed = events.flatMap((event) => (event.type === 'cache.failed' ? [event.op] : []))
    expect(failed).toEqual(expect.arrayContaining(['write', 'key', 'encode']))
  })

  it('says nothing of what it stands for in its key', async () => {
    const kept = new Map<string, string>()
    const store: CacheStore = {
      get: async (key) => kept.get(key),
      set: async (key, value) => kept.set(key, value),
    }
    const plimsoll = createPlimsoll({ cache: { store, secret: 's'.repeat(32) } })
    await plimsoll.cache.keep({ llm: 'sk-secret' }, 'a', HOUR)
    await plimsoll.flush()
    expect([...kept.keys()].join()).not.toContain('sk-secret')
    expect([...kept.values()].join()).not.toContain('sk-secret')
    expect(kept.size).toBe(1)
  })
})

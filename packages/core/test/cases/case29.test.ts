import { describe, expect, it } from 'vitest'
import { CACHED, HOUR, setUpCache } from '../support/caching.ts'

describe('case 29: tenants and what is kept for them', () => {
  it('a tenant is never answered with what another one was, nor can it tell that it was asked', async () => {
    const { asked, seen, caches, events } = setUpCache()
    await asked('salary of the CEO?', { tenant: 'acme' })
    await asked('salary of the CEO?', { tenant: 'evil' })
    expect(seen.calls).toBe(2)
    expect(caches()).toEqual(['none', 'none'])
    expect(events.filter(({ type }) => type === 'cache.hit')).toEqual([])
  })

  it('nor does one in flight join it', async () => {
    const { ask, clock, seen, caches } = setUpCache()
    const all = [ask('q', { tenant: 'acme' }), ask('q', { tenant: 'evil' }), ask('q')]
    await clock.advance(100)
    await Promise.all(all)
    expect([seen.calls, caches()]).toEqual([3, ['none', 'none', 'none']])
  })

  it('users of one tenant share: isolation does not make hits impossible', async () => {
    const { asked, seen, caches } = setUpCache()
    await asked('q', { tenant: 'acme', user: 'ada', feature: 'help', run: 'r1' })
    await asked('q', { tenant: 'acme', user: 'bob', feature: 'chat', run: 'r2', priority: 'low' })
    expect([seen.calls, caches()]).toEqual([1, ['none', 'hit']])
  })

  it('a tenant whose name is another one spelt differently is another', async () => {
    const { asked, seen } = setUpCache()
    for (const tenant of [undefined, 'null', 'undefined', 'a', 'A', 'a:b', 'a.b', 'shared', 'all'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await asked('q', tenant === undefined ? {} : { tenant })
    expect(seen.calls).toBe(9)
  })

  it('only a task whose scope is `shared` shares with all', async () => {
    const { asked, seen } = setUpCache({ tasks: { faq: { cache: { ttlMs: HOUR, scope: 'shared' } } } })
    await asked('q', { tenant: 'acme' })
    await asked('q', { tenant: 'other' })
    expect(seen.calls).toBe(1)
    await asked('q', { tenant: 'other', permissions: ['admin'] })
    expect(seen.calls).toBe(2)
  })

  it('a task that a client makes up, or that is not cached, is not answered from a cache', async () => {
    const { asked, seen } = setUpCache({ ...CACHED, tasks: { ...CACHED.tasks, other: {} } })
    await asked('q', { task: 'other' })
    await asked('q', { task: 'other' })
    await asked('q', { task: '__proto__' })
    await asked('q', { task: '__proto__' })
    expect(seen.calls).toBe(4)
  })
})

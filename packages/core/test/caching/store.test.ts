import { randomBytes } from 'node:crypto'
import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import { createPlimsoll } from '@plimsoll/core'
import { virtualClock } from '@plimsoll/core/testing'
import { CACHED, HOUR, setUpCache, slowStore } from '../support/caching.ts'

const secret = 'a secret of the tests'

describe('the second level', () => {
  it('serves other processes with the same secret, and no others', async () => {
    const { store } = slowStore(virtualClock())
    const answers = []
    for (const key of [secret, secret, 'another secret of the tests']) {
      const one = setUpCache({ ...CACHED, cache: { store, secret: key } })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await one.asked('q', { tenant: 'acme' })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await one.plimsoll.flush()
      answers.push(one.seen.calls)
    }
    expect(answers).toEqual([1, 0, 1])
  })

  it('is a Keyv, whose values outlive JSON', async () => {
    const clock = virtualClock({ start: Date.now() })
    const store = new Keyv()
    const cache = { store, secret }
    const at = new Date(5)
    const ask = async () => {
      const plimsoll = createPlimsoll({ ...CACHED, clock, cache })
      const answer = await plimsoll.call({ target: 'a/b', task: 'faq', input: 'q' }, async () => ({
        at,
        random: Math.random(),
      }))
      await plimsoll.flush()
      return answer
    }
    const first = await ask()
    expect(first.at).toEqual(at)
    expect(await ask()).toEqual(first)
  })

  it('a Keyv whose store is broken costs a call nothing, and is told', async () => {
    const broken = {
      get: async () => {
        throw new Error('down')
      },
      set: async () => {
        throw new Error('down')
      },
      delete: async () => false,
      clear: async () => {},
    }
    const { asked, seen, events } = setUpCache({
      ...CACHED,
      cache: { store: new Keyv({ store: broken as never }), secret },
    })
    await asked('q')
    await asked('q')
    expect(seen.calls).toBe(1)
    expect(events.filter(({ type }) => type === 'cache.failed').length).toBeGreaterThan(0)
  })

  it('one that hangs holds a call for no longer than its deadline, and after that not at all', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock, { ms: 1e9 })
    const { ask, seen } = setUpCache(
      { ...CACHED, cache: { store, secret, deadlineMs: 50 } },
      { ms: 10, clock },
    )
    const times: number[] = []
    for (let n = 0; n < 6; n++) {
      const since = clock.now()
      const answer = ask(`q${n}`).then(() => times.push(clock.now() - since))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(500)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await answer
    }
    expect(seen.calls).toBe(6)
    expect(times.slice(2)).toEqual([10, 10, 10, 10])
    expect(Math.max(...times)).toBeLessThanOrEqual(50 + 50 + 10)
  })

  it('what somebody else has written there is no entry', async () => {
    const clock = virtualClock()
    const { store, map } = slowStore(clock)
    const config = { ...CACHED, cache: { store, secret } }
    await setUpCache(config, { clock }).asked('q')
    await clock.advance(10)
    for (const key of map.keys()) if (!key.includes('epoch')) map.set(key, '{"v":1,"at":0,"target":"x"}')
    const other = setUpCache(config, { clock })
    await other.asked('q')
    expect(other.seen.calls).toBe(1)
  })

  it('holds nothing that can be read, when it is encrypted', async () => {
    const clock = virtualClock()
    const { store, map } = slowStore(clock)
    const encryptionKey = randomBytes(32)
    const config = { ...CACHED, cache: { store, secret, encryptionKey } }
    await setUpCache(config, { clock }).asked('q')
    await clock.advance(10)
    expect([...map.values()].join()).not.toContain('openai/model')
    const same = setUpCache(config, { clock })
    await same.asked('q')
    const other = setUpCache(
      { ...config, cache: { ...config.cache, encryptionKey: randomBytes(32) } },
      { clock },
    )
    await other.asked('q')
    expect([same.seen.calls, other.seen.calls]).toEqual([0, 1])
  })
})

describe('the first level', () => {
  it('holds as many entries, and as many bytes, as it may', async () => {
    const few = setUpCache({ ...CACHED, cache: { maxEntries: 2 } })
    for (const input of ['a', 'b', 'c', 'c', 'b', 'a']) await few.asked(input)
    expect(few.seen.calls).toBe(4)
    const small = setUpCache({ ...CACHED, cache: { maxBytes: 300 } })
    for (const input of ['a', 'b', 'c', 'a']) await small.asked(input)
    expect(small.seen.calls).toBe(4)
  })

  it('hands out copies: what a caller changes, no other one sees', async () => {
    const { asked } = setUpCache()
    const one = (await asked('q')) as { n: number }
    one.n = 99
    const two = (await asked('q')) as { n: number }
    expect(two).toEqual({ n: 1 })
    two.n = 98
    expect(await asked('q')).toEqual({ n: 1 })
  })
})

describe('a purge', () => {
  it('of a tenant is of that tenant alone, on both levels, in all processes', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock)
    const config = { ...CACHED, cache: { store, secret } }
    const here = setUpCache(config, { clock })
    const there = setUpCache(config, { clock })
    for (const tenant of ['acme', 'other']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await here.asked('q', { tenant })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await there.asked('q', { tenant })
    }
    expect([here.seen.calls, there.seen.calls]).toEqual([2, 0])
    await here.plimsoll.cache.purge({ tenant: 'acme' })
    await clock.advance(5_000)
    await there.asked('q', { tenant: 'acme' })
    await there.asked('q', { tenant: 'other' })
    await here.asked('q', { tenant: 'acme' })
    await here.asked('q', { tenant: 'other' })
    expect([here.seen.calls, there.seen.calls]).toEqual([2, 1])
  })

  it('is of everyone, shared entries included, without a tenant', async () => {
    const { asked, plimsoll, seen } = setUpCache({
      tasks: { faq: { cache: { ttlMs: HOUR } }, all: { cache: { ttlMs: HOUR, scope: 'shared' } } },
    })
    const both = async () => {
      await asked('q', { tenant: 'acme' })
      await asked('q', { task: 'all' })
    }
    await both()
    await plimsoll.cache.purge({ tenant: 'acme' })
    await both()
    expect(seen.calls).toBe(3)
    await plimsoll.cache.purge()
    await both()
    expect(seen.calls).toBe(5)
  })

  it('is part of forgetting a tenant', async () => {
    const { asked, plimsoll, seen } = setUpCache()
    await asked('q', { tenant: 'acme' })
    await plimsoll.forget({ tenant: 'acme' })
    await asked('q', { tenant: 'acme' })
    expect(seen.calls).toBe(2)
  })

  it('holds for calls under way: what they bring is not served any more', async () => {
    const { ask, clock, plimsoll, seen } = setUpCache()
    const before = ask('q', { tenant: 'acme' })
    await clock.advance(50)
    await plimsoll.cache.purge({ tenant: 'acme' })
    const after = ask('q', { tenant: 'acme' })
    await clock.advance(100)
    expect([await before, await after, seen.calls]).toEqual([{ n: 1 }, { n: 2 }, 2])
    const again = ask('q', { tenant: 'acme' })
    expect(await again).toEqual({ n: 2 })
  })

  it('that the store could not be told of rejects, holds here, and is told later', async () => {
    const clock = virtualClock()
    const { store, does } = slowStore(clock)
    const config = { ...CACHED, cache: { store, secret } }
    const here = setUpCache(config, { clock })
    await here.asked('q', { tenant: 'acme' })
    await here.plimsoll.flush()
    does.fails = true
    await expect(here.plimsoll.cache.purge({ tenant: 'acme' })).rejects.toThrow('down')
    does.fails = false
    await clock.advance(10_000)
    await here.asked('q', { tenant: 'acme' })
    const there = setUpCache(config, { clock })
    expect(await there.asked('q', { tenant: 'acme' })).toEqual({ n: 2 })
    expect([here.seen.calls, there.seen.calls]).toEqual([2, 0])
  })
})

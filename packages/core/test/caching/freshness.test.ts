import { describe, expect, it } from 'vitest'
import { setUpCache, sleep, slowStore, TARGET } from '../support/caching.ts'
import { opened, parts, setUp, streamHost } from '../support/set-up.ts'
import { virtualClock } from '@plimsoll/core/testing'

const TTL = 10_000
const STALE = { tasks: { faq: { cache: { ttlMs: TTL, staleWhileRevalidateMs: 20_000 } } } }

describe('the time of an answer', () => {
  it('is over at `ttlMs`', async () => {
    const { asked, clock, seen } = setUpCache({ tasks: { faq: { cache: { ttlMs: TTL } } } })
    await asked('q')
    await clock.advance(TTL - 11)
    await asked('q')
    expect(seen.calls).toBe(1)
    await clock.advance(TTL)
    await asked('q')
    expect(seen.calls).toBe(2)
  })

  it('is what the configuration says now', async () => {
    const { asked, clock, seen, plimsoll } = setUpCache({ tasks: { faq: { cache: { ttlMs: TTL } } } })
    await asked('q')
    plimsoll.update({ tasks: { faq: { cache: { ttlMs: 10 } } } })
    await clock.advance(10)
    await asked('q')
    expect(seen.calls).toBe(2)
  })
})

describe('stale while a new one is fetched', () => {
  it('an old answer is served at once, and one new one is fetched for all', async () => {
    const { ask, asked, clock, seen, caches, records } = setUpCache(STALE)
    await asked('q')
    await clock.advance(TTL)
    expect(await Promise.all([ask('q'), ask('q'), ask('q')])).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
    await clock.advance(100)
    expect(await ask('q')).toEqual({ n: 2 })
    expect(seen.calls).toBe(2)
    expect(caches()).toEqual(['none', 'stale', 'stale', 'stale', 'none', 'hit'])
    // The refresh has a record of its own, for its tenant, at the lowest priority.
    expect(records()[4]).toMatchObject({ attempts: 1, priority: 'low', attributes: { task: 'faq' } })
  })

  it('a caller who leaves takes nothing from it, and it holds no slot once it is done', async () => {
    const { ask, asked, clock, seen, plimsoll } = setUpCache(STALE)
    await asked('q')
    await clock.advance(TTL)
    const controller = new AbortController()
    await ask('q', { signal: controller.signal })
    controller.abort()
    await clock.advance(100)
    expect([seen.calls, seen.aborted, plimsoll.state().reservations]).toEqual([2, 0, 0])
  })

  it('is not fetched with every call while that fails', async () => {
    const { plimsoll, clock } = setUp(STALE)
    let calls = 0
    const ask = () =>
      plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, async () => {
        if (++calls > 1) throw new Error('down')
        return 'old'
      })
    await ask()
    await clock.advance(TTL)
    for (let n = 0; n < 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask()).toBe('old')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(10)
    }
    expect(calls).toBe(2)
    await clock.advance(5_000)
    await ask()
    await clock.advance(0)
    expect(calls).toBe(3)
    await clock.advance(20_000)
    await expect(ask()).rejects.toThrow('down')
  })

  it('a stream is read to its end, though nobody waits for it', async () => {
    const { plimsoll, clock } = setUp(STALE)
    let calls = 0
    const host = streamHost(() => {
      calls++
      return parts({ content: true }, { content: true }, { finish: 'stop' })
    })
    const ask = async () => {
      const call = { host, request: 'q', target: TARGET, attributes: { task: 'faq' } }
      const reply = await opened(plimsoll.execute(call))
      while ((await reply.value.next()).done !== true);
      return reply.marks.cache
    }
    await ask()
    await clock.advance(TTL)
    expect(await ask()).toBe('stale')
    await clock.advance(0)
    expect([await ask(), calls, plimsoll.state().reservations]).toEqual(['hit', 2, 0])
  })

  it('what another process has fetched meanwhile is taken from the store', async () => {
    const clock = virtualClock()
    const { store } = slowStore(clock, { ms: 1 })
    const config = { ...STALE, cache: { store, secret: 'a secret of the tests' } }
    const one = setUpCache(config, { clock })
    const two = setUpCache(config, { clock })
    await one.asked('q')
    await two.asked('q')
    await clock.advance(TTL)
    await one.asked('q')
    await clock.advance(200)
    await one.plimsoll.flush()
    await two.asked('q')
    await clock.advance(200)
    await two.asked('q')
    expect([one.seen.calls, two.seen.calls]).toEqual([2, 0])
    expect(two.caches()).toEqual(['hit', 'stale', 'hit', 'hit'])
  })

  it('one that takes long is the only one', async () => {
    const { ask, asked, clock, seen } = setUpCache(STALE, { ms: 9_000 })
    await asked('q')
    await clock.advance(TTL)
    for (let n = 0; n < 8; n++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask('q')).toEqual({ n: 1 })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(1_000)
    }
    expect(seen.calls).toBe(2)
  })

  it('while it drains nothing new is fetched', async () => {
    const { ask, asked, clock, seen, plimsoll } = setUpCache(STALE)
    await asked('q')
    await clock.advance(TTL)
    const run = plimsoll.workflow('w', {}, async () => {
      await sleep(clock, 10)
      return ask('q')
    })
    const drained = plimsoll.drain()
    await clock.advance(500)
    expect([await run, await drained, seen.calls]).toEqual([{ n: 1 }, { waiting: 0, reservations: 0 }, 1])
  })
})

import KeyvRedis from '@keyv/redis'
import { createPlimsoll } from '@plimsoll/core'
import type { PlimsollConfig, PlimsollEvent, Store } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { Keyv } from 'keyv'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { portOf } from './port.ts'
import type { RedisPort } from './port.ts'
import { connected } from './redis-client.fixture.ts'
import { HAS_REDIS, startRedis } from './redis-server.fixture.ts'
import type { RedisServer } from './redis-server.fixture.ts'
import { redisStore } from './redis-store.ts'

const CALL = { target: 'generic/model', task: 'faq', input: 'q', inputTokens: 1, maxOutputTokens: 1 } as const

/** The machine that tests this may be busy. */
const PATIENT = { timeout: 10_000 } as const

describe.skipIf(!HAS_REDIS)('a cache in Redis, through Keyv, and calls that are the same', () => {
  let server: RedisServer
  let namespaces = 0
  const ends: (() => unknown)[] = []

  beforeAll(async () => {
    server = await startRedis()
    // From here on it knows the functions: what is asked is asked once.
    const client = await connected(server.url)
    const peek = { type: 'peek', buckets: [], amounts: [], leaves: [] } as const
    await new Promise((resolve) => redisStore({ client }).send(peek, 0, resolve))
    client.destroy()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    namespaces++
  })
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** One process of those that share the test's limits and cache. */
  async function member(config: PlimsollConfig = {}, shared?: Store) {
    const client = await connected(server.url)
    const port = portOf(client)
    const asked: string[] = []
    const counting: RedisPort = {
      ...port,
      send(words) {
        asked.push(words[6] ?? words[0]!)
        return port.send(words)
      },
    }
    const namespace = `twins-${namespaces}`
    const store = shared ?? redisStore({ client: counting, namespace })
    const adapter = new KeyvRedis(server.url)
    const keyv = new Keyv({ store: adapter, namespace, useKeyPrefix: false })
    let aheadMs = 0
    const events: PlimsollEvent[] = []
    const plimsoll = createPlimsoll({
      tasks: { faq: { cache: { ttlMs: 600_000 } } },
      store,
      cache: { store: keyv, secret: 'a secret of the tests', deadlineMs: 2_000 },
      clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
      onEvent: (event) => events.push(event),
      ...config,
    })
    ends.push(async () => {
      plimsoll.close()
      client.destroy()
      await adapter.disconnect(true)
    })
    const caches = () =>
      events.filter((event) => event.type === 'call.finished').map(({ cache }) => cache ?? 'none')
    const leads = () => asked.filter((type) => type === 'lead').length
    return { plimsoll, store, asked, leads, caches, passes: (ms: number) => (aheadMs += ms) }
  }

  /** A provider that answers when its test wants. */
  function provider() {
    const waiting: (() => void)[] = []
    let calls = 0
    const ask = ({ signal }: { signal: AbortSignal }): Promise<{ n: number }> => {
      const n = ++calls
      return new Promise((resolve, reject) => {
        waiting.push(() => resolve({ n }))
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    }
    const answers = () => {
      for (const answer of waiting.splice(0)) answer()
    }
    return { ask, answers, calls: () => calls }
  }

  it('answers outlive Redis as they were, dates and bytes and all', async () => {
    const [one, other] = [await member(), await member()]
    const answer = {
      at: new Date(5),
      bytes: new Uint8Array([0, 255]),
      url: new URL('https://example.com/'),
      large: 2n ** 70n,
      text: 'é 漢 😀 \u0000',
      none: null,
    }
    await one.plimsoll.call(CALL, async () => answer)
    await one.plimsoll.flush()
    expect(await other.plimsoll.call(CALL, async () => 'never asked')).toEqual(answer)
    expect([one.caches(), other.caches()]).toEqual([['none'], ['hit']])
    // Who is answered by the cache asks nothing.
    expect([one.leads(), other.leads()]).toEqual([1, 0])
  })

  it('one calls, and the other is woken by its answer: each asks once who calls', async () => {
    const [one, other] = [await member(), await member()]
    const { ask, answers, calls } = provider()
    const first = one.plimsoll.call(CALL, ask)
    await expect.poll(calls, PATIENT).toBe(1)
    const second = other.plimsoll.call(CALL, ask)
    await expect.poll(other.leads, PATIENT).toBe(1)
    answers()
    expect([await first, await second, calls()]).toEqual([{ n: 1 }, { n: 1 }, 1])
    expect([one.leads(), other.leads(), other.caches()]).toEqual([1, 1, ['joined']])
    await one.plimsoll.flush()
    expect(one.asked.filter((type) => type === 'unlead')).toHaveLength(1)
  })

  it('one leaves, and the other is woken to call', async () => {
    const [one, other] = [await member(), await member()]
    const { ask, answers, calls } = provider()
    const controller = new AbortController()
    const left = one.plimsoll.call({ ...CALL, signal: controller.signal }, ask)
    await expect.poll(calls, PATIENT).toBe(1)
    const stayed = other.plimsoll.call(CALL, ask)
    await expect.poll(other.leads, PATIENT).toBe(1)
    controller.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await expect.poll(calls, PATIENT).toBe(2)
    answers()
    expect([await stayed, other.leads()]).toEqual([{ n: 2 }, 2])
  })

  it('two that share one store in one process are twins as well', async () => {
    const one = await member()
    const other = await member({}, one.store)
    const { ask, answers, calls } = provider()
    const first = one.plimsoll.call(CALL, ask)
    await expect.poll(calls, PATIENT).toBe(1)
    const second = other.plimsoll.call(CALL, ask)
    await expect.poll(one.leads, PATIENT).toBe(2)
    answers()
    expect([await first, await second, calls(), one.leads()]).toEqual([{ n: 1 }, { n: 1 }, 1, 2])
  })

  it('a purge in one is a purge in the other, five seconds later at the latest', async () => {
    const [one, other] = [await member(), await member()]
    let calls = 0
    const ask = (from: typeof one, tenant: string) =>
      from.plimsoll.call({ ...CALL, tenant }, async () => `answer ${++calls} to ${tenant}`)
    for (const tenant of ['acme', 'umbrella']) {
      expect(await ask(one, tenant)).toBe(`answer ${calls} to ${tenant}`)
      await one.plimsoll.flush()
      expect(await ask(other, tenant)).toBe(`answer ${calls} to ${tenant}`)
    }
    await one.plimsoll.cache.purge({ tenant: 'acme' })
    other.passes(5_000)
    expect(await ask(other, 'acme')).toBe('answer 3 to acme')
    await other.plimsoll.flush()
    expect(await ask(one, 'acme')).toBe('answer 3 to acme')
    expect(await ask(other, 'umbrella')).toBe('answer 2 to umbrella')
    expect(calls).toBe(3)
  })

  it('who leads is in Redis for as long as it matters, and names nobody', async () => {
    const one = await member()
    const { ask, answers, calls } = provider()
    const secret = { ...CALL, input: 'a question of acme', tenant: 'acme' }
    const first = one.plimsoll.call(secret, ask)
    await expect.poll(calls, PATIENT).toBe(1)
    const client = await connected(server.url)
    ends.push(() => client.destroy())
    const keys = async () => client.keys(`{plimsoll:twins-${namespaces}}:*:l:*`)
    const [key] = await keys()
    expect(key).not.toContain('acme')
    expect(await client.pTTL(key!)).toBeGreaterThan(0)
    expect(await client.pTTL(key!)).toBeLessThanOrEqual(15_000)
    answers()
    await first
    await one.plimsoll.flush()
    expect(await keys()).toEqual([key])
    expect(await client.pTTL(key!)).toBeLessThanOrEqual(12_000)
  })

  it('a call is answered, though Redis is gone: nobody leads, and nobody waits', async () => {
    const client = await connected(server.url)
    ends.push(() => client.destroy())
    const store = redisStore({ client, namespace: 'gone', onStoreError: 'open', timeoutMs: 200 })
    const one = await member({}, store)
    await server.kill()
    try {
      const call = (input: string) => one.plimsoll.call({ ...CALL, input }, async () => input)
      expect(await Promise.all(['a', 'b', 'a', 'c'].map(call))).toEqual(['a', 'b', 'a', 'c'])
      const answer = await new Promise((resolve) =>
        store.send({ type: 'lead', key: 'k', holder: 1, rank: 0, ttlMs: 1_000 }, 0, resolve),
      )
      expect(answer).toMatchObject({ kind: 'failure' })
    } finally {
      await server.start()
    }
  })
})

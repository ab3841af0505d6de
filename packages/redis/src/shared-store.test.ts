import { createPlimsoll } from '@plimsoll/core'
import type { Limits, Plimsoll, PlimsollEvent } from '@plimsoll/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { portOf } from './port.ts'
import type { RedisPort } from './port.ts'
import { connected } from './redis-client.fixture.ts'
import { HAS_REDIS, startRedis } from './redis-server.fixture.ts'
import type { RedisServer } from './redis-server.fixture.ts'
import { redisStore } from './redis-store.ts'
import type { RedisStoreOptions } from './redis-store.ts'

const TARGET = 'generic/model'
const CALL = { target: TARGET, inputTokens: 1, maxOutputTokens: 1 } as const

describe.skipIf(!HAS_REDIS)('a store that many share', () => {
  let server: RedisServer
  let namespaces = 0
  const ends: (() => void)[] = []

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    namespaces++
  })
  afterEach(() => {
    for (const end of ends.splice(0)) end()
  })

  /** One process of those that share the test's namespace. */
  async function member(limits: Limits, options: Partial<RedisStoreOptions> = {}) {
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
    const store = redisStore({
      client: counting,
      namespace: `shared-${namespaces}`,
      timeoutMs: 200,
      ...options,
    })
    const events: PlimsollEvent[] = []
    const plimsoll = createPlimsoll({
      targets: { [TARGET]: { limits } },
      store,
      onEvent: (event) => events.push(event),
    })
    ends.push(() => {
      plimsoll.close()
      client.destroy()
    })
    const seen = (type: PlimsollEvent['type']) =>
      expect.poll(() => events.some((event) => event.type === type), { timeout: 5_000 })
    return { plimsoll, store, events, asked, seen, left: () => leftOf(plimsoll) }
  }

  async function leftOf(plimsoll: Plimsoll): Promise<number> {
    const { limits } = await plimsoll.headroom(TARGET)
    return limits[0]!.available
  }

  /** How many of so many calls were sent, and the codes of the others. */
  async function callsOf(plimsoll: Plimsoll, count: number) {
    const codes: string[] = []
    let sent = 0
    const calls = Array.from({ length: count }, () =>
      plimsoll
        .call(CALL, async () => {
          sent++
          return { usage: { prompt_tokens: 1, completion_tokens: 1 } }
        })
        .catch((error: { code: string }) => void codes.push(error.code)),
    )
    await Promise.all(calls)
    return { sent, codes: [...new Set(codes)] }
  }

  it('wakes whoever waits for what another gives back: nobody asks in vain', async () => {
    const [one, other] = [await member({ concurrency: 1 }), await member({ concurrency: 1 })]
    const held = one.plimsoll.reserve(CALL)
    await expect.poll(() => held.state).toBe('granted')
    const waiting = other.plimsoll.reserve(CALL)
    await expect.poll(() => other.asked.filter((type) => type === 'reserve').length).toBe(1)
    const outcome = await held.ready
    if (outcome.kind !== 'ok') throw new Error('It was not granted.')
    outcome.reservation.cancel()
    await expect.poll(() => waiting.state).toBe('granted')
    expect(other.asked.filter((type) => type === 'reserve')).toHaveLength(2)
  })

  it('is not lost to a process that was itself held up for longer than a store may take', async () => {
    const { plimsoll, events } = await member({ rpm: 100 })
    const calls = callsOf(plimsoll, 5)
    const until = performance.now() + 500
    while (performance.now() < until);
    expect(await calls).toEqual({ sent: 5, codes: [] })
    expect(events.filter(({ type }) => type.startsWith('store.'))).toEqual([])
  })

  it('lets none in while it is lost and fallback is closed, and all is well again when it is back', async () => {
    const { plimsoll, seen, left } = await member({ rpm: 100 })
    expect((await callsOf(plimsoll, 5)).sent).toBe(5)
    // Asked after all that was told, so told by then.
    expect(await left()).toBe(95)
    await server.kill()
    expect(await callsOf(plimsoll, 5)).toEqual({ sent: 0, codes: ['store-unavailable'] })
    await seen('store.lost').toBe(true)
    await server.start()
    await seen('store.regained').toBe(true)
    expect((await callsOf(plimsoll, 5)).sent).toBe(5)
    expect(await left()).toBe(95)
  })

  it('lets all in where the fallback is open, and charges them when it is back', async () => {
    const { plimsoll, events, seen, left } = await member({ rpm: 10 }, { onStoreError: 'open' })
    await server.kill()
    expect((await callsOf(plimsoll, 30)).sent).toBe(30)
    expect(events).toContainEqual(expect.objectContaining({ type: 'store.lost', instead: 'open' }))
    await server.start()
    await seen('store.regained').toBe(true)
    expect(await left()).toBe(-20)
  })

  it('lets in its part where the fallback is local, less what it had used, and charges that when it is back', async () => {
    const { plimsoll, seen, left } = await member({ rpm: 10 }, { onStoreError: 'local', localShare: 0.5 })
    expect((await callsOf(plimsoll, 3)).sent).toBe(3)
    expect(await left()).toBe(7)
    await server.kill()
    const tickets = Array.from({ length: 9 }, () => plimsoll.reserve(CALL))
    await seen('store.lost').toBe(true)
    await expect.poll(() => tickets.filter(({ state }) => state === 'granted').length).toBe(2)
    for (const ticket of tickets) if (ticket.state !== 'granted') ticket.cancel()
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 2 })
    await server.start()
    await seen('store.regained').toBe(true)
    // Those two are held there now; what was counted before it lost all is gone.
    expect(await left()).toBe(8)
    for (const ticket of tickets) {
      const outcome = await ticket.ready
      if (outcome.kind === 'ok') outcome.reservation.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    }
    await plimsoll.flush()
    expect(await left()).toBe(8)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('has its part whole again once Redis has taken over what it let in', async () => {
    const { plimsoll, seen, events } = await member(
      { concurrency: 2 },
      { onStoreError: 'local', localShare: 0.5 },
    )
    for (let times = 0; times < 2; times++) {
      await server.kill()
      const ticket = plimsoll.reserve(CALL)
      await expect.poll(() => ticket.state).toBe('granted')
      await server.start()
      await seen('store.regained').toBe(true)
      const outcome = await ticket.ready
      if (outcome.kind === 'ok') outcome.reservation.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
      await plimsoll.flush()
      events.length = 0
    }
  })

  it('loses no settlement while it is frozen, and nobody waits for it', async () => {
    const { plimsoll, seen, left } = await member({ tpm: 1_000 })
    const ticket = plimsoll.reserve({ ...CALL, maxOutputTokens: 99 })
    const outcome = await ticket.ready
    if (outcome.kind !== 'ok') throw new Error('It was not granted.')
    expect(await left()).toBe(900)
    server.freeze()
    outcome.reservation.settle({ inputTokens: 1, outputTokens: 400 }, 'exact')
    await plimsoll.flush()
    await seen('store.lost').toBe(true)
    expect((await callsOf(plimsoll, 1)).codes).toEqual(['store-unavailable'])
    server.thaw()
    await seen('store.regained').toBe(true)
    expect(await left()).toBe(599)
  })

  it('is not kept away by what it can never do', async () => {
    const { plimsoll, store, seen } = await member({ rpm: 10 })
    await server.kill()
    expect((await callsOf(plimsoll, 1)).sent).toBe(0)
    const bucket = { key: 'odd', algorithm: 'none of ours' as never, capacity: 1, perMs: 1 }
    store.send({ type: 'resize', bucket }, 0, () => {})
    await server.start()
    await seen('store.regained').toBe(true)
    const answer = await new Promise((resolve) => store.send({ type: 'resize', bucket }, 0, resolve))
    expect(answer).toMatchObject({ kind: 'failure' })
    expect((await callsOf(plimsoll, 1)).sent).toBe(1)
  })

  it('holds again what it had granted when it comes back empty', async () => {
    const [one, other] = [await member({ concurrency: 1 }), await member({ concurrency: 1 })]
    const outcome = await one.plimsoll.reserve(CALL).ready
    if (outcome.kind !== 'ok') throw new Error('It was not granted.')
    await server.kill()
    await callsOf(one.plimsoll, 1)
    await server.start()
    await one.seen('store.regained').toBe(true)
    expect(await other.left()).toBe(0)
    outcome.reservation.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    await one.plimsoll.flush()
    expect(await other.left()).toBe(1)
  })

  it('charges what ended while it was away, though it comes back empty', async () => {
    const { plimsoll, seen, left } = await member({ tpm: 1_000 })
    const outcome = await plimsoll.reserve({ ...CALL, maxOutputTokens: 99 }).ready
    if (outcome.kind !== 'ok') throw new Error('It was not granted.')
    await server.kill()
    // The client sends it when it is connected again: to a server that knows of nothing.
    outcome.reservation.settle({ inputTokens: 1, outputTokens: 400 }, 'exact')
    await server.start()
    await seen('store.regained').toBe(true)
    expect(await left()).toBe(599)
  })

  it('is not asked for a part that is none, nor to answer in no time', () => {
    const client = { send: async () => [], subscribe: async () => async () => {} }
    expect(() => redisStore({ client, localShare: 0 })).toThrow('localShare')
    expect(() => redisStore({ client, localShare: Number.NaN })).toThrow('localShare')
    expect(() => redisStore({ client, timeoutMs: 0 })).toThrow('timeoutMs')
  })
})

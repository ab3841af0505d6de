import type { Bucket, Level, ReserveOp, Store } from '@plimsoll/core'
import { answered, disagreement, storeProgram } from '@plimsoll/core/testing'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { portOf } from './port.ts'
import type { RedisPort } from './port.ts'
import { redisForAll, timedStore } from './redis-client.fixture.ts'
import { RedisScript } from './redis-script.ts'
import { HAS_REDIS } from './redis-server.fixture.ts'
import { FUNCTION, LIBRARY } from './script.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 100, perMs: 60_000 }

function reserve(id: number, bucket: Bucket, amount: number): ReserveOp {
  const terms = { holder: id, rank: 1, claimable: 0, leaseMs: 60_000 }
  return { type: 'reserve', id, buckets: [bucket], amounts: [amount], leaves: [0], ...terms }
}

describe.skipIf(!HAS_REDIS)('the script', () => {
  const redis = redisForAll()
  let namespaces = 0
  const namespace = () => `test-${++namespaces}`

  it('answers whatever it is asked as the store in memory does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 250 }), async (seed, length) => {
        const store = timedStore(redis.client, namespace())
        expect(await disagreement(store, storeProgram(seed, length))).toBeUndefined()
      }),
      // In this one a call is made inside of one that has ended, inside of one that has not.
      { numRuns: 150, examples: [[100_065, 250]] },
    )
  })

  it('keeps all keys of a namespace under one hash tag, and each until it is at rest and no longer than a day more', async () => {
    const name = namespace()
    const store = timedStore(redis.client, name)
    for (const { op, now } of storeProgram(1, 200)) await answered(store, op, now)
    const keys = await redis.client.keys(`*{plimsoll:${name}}*`)
    expect(keys.length).toBeGreaterThan(8)
    expect(keys.every((key) => key.startsWith(`{plimsoll:${name}}:v4:`))).toBe(true)
    const lasting = await Promise.all(
      keys.map(async (key) => ((await redis.client.pTTL(key)) === -1 ? key : '')),
    )
    const names = lasting.filter((key) => key !== '').map((key) => key.split(':v4:')[1])
    // A budget without a period is kept for ever; the clock is one key.
    const forEver = new Set(['b:budget:run=r:tokens', 'clock', 'h:run=r'])
    expect(names.filter((one) => !forEver.has(one!))).toEqual([])
  })

  it('gives no room to two processes that ask at once, through either client', async () => {
    const ioredis = new Redis(redis.server.url)
    const name = namespace()
    const scripts = [redis.client, ioredis].map(
      (one) => new RedisScript({ port: portOf(one), namespace: name }),
    )
    const asked = Array.from({ length: 40 }, (_, nth) => scripts[nth % 2]!.ask(reserve(nth, TOKENS, 10), 0))
    const kinds = (await Promise.all(asked)).map(({ answer }) => answer.kind)
    expect(kinds.filter((kind) => kind === 'granted')).toHaveLength(10)
    ioredis.disconnect()
  })

  it('goes by the clock of the server, however wrong that of a process is', async () => {
    const script = new RedisScript({ port: portOf(redis.client), namespace: namespace() })
    const daily: Bucket = {
      ...TOKENS,
      algorithm: 'quota',
      calendar: { every: 'day', timeZone: 'UTC' },
    }
    // A clock of long ago: the period is asked for anew.
    expect((await script.ask(reserve(1, daily, 60), NOW - 1e9)).answer.kind).toBe('granted')
    const { answer } = await script.ask(
      { type: 'peek', buckets: [TOKENS], amounts: [0], leaves: [0] },
      NOW + 1e9,
    )
    expect(answer).toMatchObject({ levels: [{ available: 40 }] })
  })

  it('goes on from where it was when the clock of the server is set back', async () => {
    const name = namespace()
    const script = new RedisScript({ port: portOf(redis.client), namespace: name })
    const bucket: Bucket = { ...TOKENS, algorithm: 'token-bucket', perMs: 3_600_000 }
    const left = async (): Promise<number> => {
      const { answer } = await script.ask({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, 0)
      return answer.levels[0]!.available
    }
    await script.ask(reserve(1, bucket, 100), 0)
    await script.ask({ type: 'acknowledge', id: 1 }, 0)
    expect(await left()).toBeLessThan(1)
    // As if it had been half an hour ahead until now.
    const ahead = Buffer.alloc(8)
    ahead.writeDoubleLE(Date.now() + 1_800_000)
    await redis.client.setRange(`{plimsoll:${name}}:v4:clock`, 0, ahead)
    expect([Math.round(await left()), Math.round(await left())]).toEqual([50, 50])
  })

  it('clears no more than 64 dead leases in one operation, and the others in the next', async () => {
    const store = timedStore(redis.client, namespace())
    const slots: Bucket = { key: 'slots', algorithm: 'slots', capacity: 100, perMs: Infinity }
    for (let id = 1; id <= 100; id++) await answered(store, reserve(id, slots, 1), NOW)
    const peek = { type: 'peek', buckets: [slots], amounts: [0], leaves: [0] } as const
    const left = async () =>
      ((await answered(store, peek, NOW + 60_000)) as { levels: readonly Level[] }).levels[0]!.available
    expect([await left(), await left()]).toEqual([64, 100])
  })

  it('goes by what is in Redis and not by what it remembers, whoever has written it', async () => {
    const name = namespace()
    const port = portOf(redis.client)
    // Two releases: the same keys, written by a library of its own each.
    const release = async (library: string): Promise<RedisScript> => {
      await port.send(['FUNCTION', 'LOAD', 'REPLACE', LIBRARY.replaceAll(FUNCTION, library)])
      const send: RedisPort['send'] = (words) =>
        port.send(words.map((word) => (word === FUNCTION ? library : word)))
      return new RedisScript({ port: { ...port, send }, namespace: name })
    }
    const [old, recent] = [await release('plimsoll_old'), await release('plimsoll_recent')]
    const daily: Bucket = { key: 'daily', algorithm: 'token-bucket', capacity: 100, perMs: 86_400_000 }
    const both = (id: number): ReserveOp => ({
      ...reserve(id, TOKENS, 10),
      buckets: [TOKENS, daily],
      amounts: [10, 10],
      leaves: [0, 0],
    })
    const left = async (script: RedisScript) => {
      const peek = { type: 'peek', buckets: [TOKENS, daily], amounts: [0, 0], leaves: [0, 0] } as const
      const { answer } = await script.ask(peek, 0)
      return answer.levels.map(({ available }) => Math.round(available))
    }
    // What is asked last before the other writes is a write: only that is remembered.
    for (const [nth, [one, another]] of [
      [old, recent],
      [recent, old],
      [old, recent],
    ].entries()) {
      await one!.ask(both(2 * nth), 0)
      await another!.ask(both(2 * nth + 1), 0)
      expect(await left(one!)).toEqual([80 - 20 * nth, 80 - 20 * nth])
    }
    const keys = [TOKENS, daily].map(({ key }) => `{plimsoll:${name}}:v4:b:${key}`)
    for (const key of keys) await redis.client.copy(key, `${key}:kept`)
    await old.ask(both(100), 0)
    for (const key of keys) await redis.client.copy(`${key}:kept`, key, { REPLACE: true })
    expect(await left(old)).toEqual([40, 40])
  })

  it('counts as well where there are more limits than it remembers', async () => {
    const script = new RedisScript({ port: portOf(redis.client), namespace: namespace() })
    const some = (from: number) =>
      Array.from({ length: 100 }, (_, nth): Bucket => ({ ...TOKENS, key: `tokens ${from + nth}` }))
    const each = (amount: number) => Array.from({ length: 100 }, () => amount)
    let id = 0
    for (let round = 0; round < 3; round++) {
      for (let from = 0; from < 2_500; from += 100) {
        const asked = { ...reserve(++id, TOKENS, 0), buckets: some(from), amounts: each(10), leaves: each(0) }
        await script.ask(asked, 0)
        if (round === 1) await script.ask({ type: 'settle', id, amounts: each(4), refund: true }, 0)
      }
    }
    for (let from = 0; from < 2_500; from += 100) {
      const peek = { type: 'peek', buckets: some(from), amounts: each(0), leaves: each(0) } as const
      const { answer } = await script.ask(peek, 0)
      expect(new Set(answer.levels.map(({ available }) => available))).toEqual(new Set([76]))
    }
  })

  it('is loaded again where the server has forgotten it', async () => {
    const script = new RedisScript({ port: portOf(redis.client), namespace: namespace() })
    await redis.client.sendCommand(['FUNCTION', 'FLUSH', 'SYNC'])
    expect((await script.ask(reserve(1, TOKENS, 10), 0)).answer.kind).toBe('granted')
  })

  it('tells the others, and only them, of room that somebody was refused', async () => {
    const name = namespace()
    const [one, other] = [0, 1].map(() => new RedisScript({ port: portOf(redis.client), namespace: name }))
    const heard: string[] = []
    const listen = async (script: RedisScript, who: string) =>
      script.listen(
        (keys) => void heard.push(`${who} ${keys.join()}`),
        () => {},
      )
    const stops = [await listen(one!, 'one'), await listen(other!, 'other')]
    const slots: Bucket = { key: 'slots', algorithm: 'slots', capacity: 1, perMs: Infinity }
    const unwanted: Bucket = { ...slots, key: 'unwanted' }
    await one!.ask(reserve(1, unwanted, 1), 0)
    await one!.ask({ type: 'cancel', id: 1 }, 0)
    await one!.ask(reserve(2, slots, 1), 0)
    expect((await other!.ask(reserve(3, slots, 1), 0)).answer.kind).toBe('refused')
    await one!.ask({ type: 'cancel', id: 2 }, 0)
    await expect.poll(() => heard).toEqual(['other slots'])
    for (const stop of stops) await stop()
  })

  it('counts what was used without it once, however often it is told', async () => {
    const store = new RedisScript({ port: portOf(redis.client), namespace: namespace() })
    const charge = { type: 'charge', id: 1, buckets: [TOKENS], amounts: [70] } as const
    for (let times = 0; times < 3; times++) await store.ask(charge, 0)
    for (let times = 0; times < 2; times++)
      await store.ask({ type: 'adopt', reserve: reserve(1, TOKENS, 50) }, 0)
    const { answer } = await store.ask({ type: 'peek', buckets: [TOKENS], amounts: [0], leaves: [0] }, 0)
    expect(answer).toMatchObject({ levels: [{ available: -20 }] })
  })

  it('tells all, the one that led included, that a lead is given up which somebody was refused', async () => {
    const name = namespace()
    const scripts = [0, 1].map(() => new RedisScript({ port: portOf(redis.client), namespace: name }))
    const [one, other] = scripts as [RedisScript, RedisScript]
    const heard: string[] = []
    const listen = async (script: RedisScript, who: string) =>
      script.listen(
        (keys) => void heard.push(`${who} ${keys.join()}`),
        () => {},
      )
    const stops = [await listen(one, 'one'), await listen(other, 'other')]
    const lead = async (script: RedisScript, key: string, rank = 1) =>
      (await script.ask({ type: 'lead', key, holder: 1, rank, ttlMs: 60_000 }, 0)).answer.kind
    const unlead = async (script: RedisScript, key: string, overMs: number) =>
      script.ask({ type: 'unlead', key, holder: 1, overMs }, 0)
    expect(await lead(one, 'wanted by nobody')).toBe('leads')
    await unlead(one, 'wanted by nobody', 0)
    expect([await lead(one, 'a'), await lead(other, 'a')]).toEqual(['leads', 'follows'])
    // One that has to yield has nothing to give up; whoever waited still waits for the other.
    expect(await lead(other, 'a', 0)).toBe('leads')
    await unlead(one, 'a', 0)
    await unlead(other, 'a', 5_000)
    expect([await lead(one, 'a'), await lead(other, 'a')]).toEqual(['over', 'over'])
    expect([await lead(one, 'b'), await lead(other, 'b')]).toEqual(['leads', 'follows'])
    await unlead(one, 'b', 0)
    await expect.poll(() => heard.toSorted()).toEqual(['one a', 'one b', 'other a', 'other b'])
    for (const stop of stops) await stop()
  })

  it('gives what was held of a forgotten limit to no other', async () => {
    const store: Store = timedStore(redis.client, namespace())
    await answered(store, reserve(1, TOKENS, 60), NOW)
    await answered(store, { type: 'forget', keys: ['tokens'] }, NOW)
    await answered(store, reserve(2, TOKENS, 60), NOW)
    await answered(store, { type: 'cancel', id: 1 }, NOW)
    expect((await answered(store, reserve(3, TOKENS, 50), NOW)).kind).toBe('refused')
  })
})

it('only a client or a port will do', () => {
  expect(() => portOf({} as never)).toThrow(TypeError)
})

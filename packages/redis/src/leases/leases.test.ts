import type { Reservation, Ticket } from '@plimsoll/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HAS_REDIS, startRedis } from '../redis-server.fixture.ts'
import type { RedisServer } from '../redis-server.fixture.ts'
import { redisStore } from '../redis-store.ts'
import { leasedMember, TARGET } from './member.fixture.ts'
import type { Member, MemberOptions } from './member.fixture.ts'

const USED = { usage: { prompt_tokens: 1, completion_tokens: 1 } }
const call = (tokens: number) => ({ target: TARGET, inputTokens: 1, maxOutputTokens: tokens - 1 })

async function granted(ticket: Ticket): Promise<Reservation> {
  const outcome = await ticket.ready
  if (outcome.kind !== 'ok') throw new Error(`It was ${outcome.kind}.`)
  return outcome.reservation
}

describe.skipIf(!HAS_REDIS)('leases', () => {
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

  async function member(options: MemberOptions): Promise<Member> {
    const one = await leasedMember(server.url, { namespace: `leases-${namespaces}`, ...options })
    ends.push(one.end)
    return one
  }

  /** One after the other, each over before the next, with time for what is told between them. */
  async function callsOf({ plimsoll }: Member, count: number, tokens = 2): Promise<void> {
    for (let nth = 0; nth < count; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await plimsoll.call(call(tokens), async () => {
        await sleep(nth % 10 === 0 ? 1 : 0)
        return USED
      })
    }
  }

  it('let most calls in without a trip, and are exact when it is told', async () => {
    const one = await member({ limits: { rpm: 10_000, tpm: 100_000, concurrency: 100 } })
    await callsOf(one, 300)
    expect(one.asked('reserve')).toBeLessThan(20)
    expect(one.asked('settle')).toBeLessThan(20)
    await one.plimsoll.flush()
    expect(await one.left()).toBe(9_700)
  })

  it('are all told, and given back, when draining has ended', async () => {
    const limits = { concurrency: 100, rpm: 10_000 }
    const [one, other] = [await member({ limits }), await member({ limits })]
    await callsOf(one, 100)
    await one.plimsoll.drain()
    const { limits: left } = await other.plimsoll.headroom(TARGET)
    expect(left.map(({ available }) => available).toSorted((a, b) => a - b)).toEqual([100, 9_900])
  })

  it('are not taken of what each of many tenants asks for now and then', async () => {
    const one = await member({
      limits: { rpm: 100_000 },
      budgets: [{ per: 'tenant', tokens: 1_000_000, every: 'day' }],
    })
    const calls = Array.from({ length: 200 }, (_, nth) =>
      one.plimsoll.call({ ...call(2), tenant: `t${nth}` }, async () => USED),
    )
    await Promise.all(calls)
    expect([one.asked('reserve'), one.asked('lease')]).toEqual([200, 0])
  })

  it('give way to a large call that was refused elsewhere', async () => {
    const limits = [{ unit: 'tokens', amount: 1_000, perMs: 1_000, algorithm: 'token-bucket' }] as const
    const [one, other] = [await member({ limits }), await member({ limits })]
    const over = new AbortController()
    const stream = (async () => {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      while (!over.signal.aborted) await callsOf(one, 20, 10)
    })()
    await expect.poll(() => one.asked('lease')).toBeGreaterThan(1)
    const large = await granted(other.plimsoll.reserve(call(900)))
    over.abort()
    large.cancel()
    await stream
  })

  it('give way to a large call of their own process', async () => {
    const one = await member({ limits: { tpm: 1_000 }, lease: { share: 0.5, ttlMs: 10_000 } })
    await callsOf(one, 10, 10)
    await one.plimsoll.flush()
    // 20 are used. What lies here unused of the rest is more than this call leaves.
    const before = one.asked('reserve')
    const large = await granted(one.plimsoll.reserve(call(975)))
    expect(one.asked('reserve') - before).toBeLessThanOrEqual(2)
    large.cancel()
  })

  it('lend the slot of a call to those that are made inside of it, however full it is', async () => {
    const one = await member({ limits: { concurrency: 40 }, lease: { share: 0.5, ttlMs: 250 } })
    await callsOf(one, 30)
    const before = one.asked('reserve')
    let inside = 0
    const outer = Array.from({ length: 40 }, () =>
      one.plimsoll.call({ ...call(2), priority: 'high' }, async () => {
        inside++
        // All slots are taken before anyone asks for another.
        await expect.poll(() => inside).toBe(40)
        await one.plimsoll.call(call(2), async () => USED)
        return USED
      }),
    )
    await Promise.all(outer)
    // Those inside asked; of those around them some had not to.
    expect(one.asked('reserve') - before).toBeLessThan(80)
    await one.plimsoll.drain()
    const other = await member({ limits: { concurrency: 40 } })
    expect(await other.left()).toBe(40)
  })

  it('are not drawn on once the provider has turned a call back', async () => {
    const one = await member({ limits: { rpm: 10_000 } })
    await callsOf(one, 20)
    const turnedBack = Object.assign(new Error('slow down'), {
      status: 429,
      headers: { 'retry-after': '60' },
    })
    const failed = one.plimsoll.call({ ...call(2), deadlineMs: 5_000 }, async () => {
      throw turnedBack
    })
    await expect(failed).rejects.toThrow('at its provider')
    const ticket = one.plimsoll.reserve(call(2))
    expect(ticket.state).toBe('queued')
    ticket.cancel()
  })

  it('are in what is said to be left here, and not in what is said elsewhere', async () => {
    const limits = { rpm: 1_000 }
    const lease = { share: 0.2, ttlMs: 60_000 }
    const [one, other] = [await member({ limits, lease }), await member({ limits, lease })]
    await callsOf(one, 50)
    const reservation = await granted(one.plimsoll.reserve(call(2)))
    expect(await one.left()).toBe(949)
    expect(await other.left()).toBeLessThan(949)
    reservation.cancel()
    expect(await one.left()).toBe(950)
    await one.plimsoll.drain()
    expect(await other.left()).toBe(950)
  })

  it('live out their time when the store is lost, and what came of them is told when it is back', async () => {
    const one = await member({ limits: { tpm: 100_000 }, lease: { share: 0.2, ttlMs: 600 }, timeoutMs: 200 })
    await callsOf(one, 50, 100)
    await one.plimsoll.flush()
    const first = await granted(one.plimsoll.reserve(call(100)))
    server.freeze()
    const second = await granted(one.plimsoll.reserve(call(100)))
    first.settle({ inputTokens: 1, outputTokens: 400 }, 'exact')
    await expect.poll(() => one.events.some(({ type }) => type === 'store.lost')).toBe(true)
    second.settle({ inputTokens: 1, outputTokens: 9 }, 'exact')
    // Nobody waits for what cannot be told.
    await one.plimsoll.flush()
    const refusal = async () => {
      const ticket = one.plimsoll.reserve(call(100))
      await ticket.ready
      ticket.cancel()
      return ticket.error?.code
    }
    await expect.poll(refusal, { timeout: 5_000 }).toBe('store-unavailable')
    server.thaw()
    await expect
      .poll(() => one.events.some(({ type }) => type === 'store.regained'), { timeout: 5_000 })
      .toBe(true)
    await one.plimsoll.flush()
    expect(await one.left()).toBe(100_000 - 50 * 2 - 401 - 10)
  })

  it('are held again, call by call, by a store that comes back empty', async () => {
    const limits = { concurrency: 100 }
    const [one, other] = [await member({ limits }), await member({ limits })]
    await callsOf(one, 50)
    const held = await Promise.all(
      Array.from({ length: 5 }, async () => granted(one.plimsoll.reserve(call(2)))),
    )
    await server.kill()
    await sleep(300)
    one.plimsoll.reserve(call(2)).cancel()
    await expect
      .poll(() => one.events.some(({ type }) => type === 'store.lost'), { timeout: 5_000 })
      .toBe(true)
    await server.start()
    await expect
      .poll(() => one.events.some(({ type }) => type === 'store.regained'), { timeout: 5_000 })
      .toBe(true)
    expect(await other.left()).toBe(95)
    for (const reservation of held) reservation.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    await one.plimsoll.drain()
    expect(await other.left()).toBe(100)
  })

  it('count in the share that a process falls back to', async () => {
    const one = await member({
      limits: { rpm: 1_000 },
      onStoreError: 'local',
      localShare: 0.1,
      timeoutMs: 200,
    })
    await callsOf(one, 80)
    await one.plimsoll.flush()
    // What is not used goes back before the store is lost.
    await sleep(600)
    await server.kill()
    const tickets = Array.from({ length: 40 }, () => one.plimsoll.reserve(call(2)))
    await expect.poll(() => one.events.some(({ type }) => type === 'store.lost')).toBe(true)
    const letIn = () => tickets.filter(({ state }) => state === 'granted').length
    await expect.poll(letIn).toBe(20)
    for (const ticket of tickets) ticket.cancel()
    await server.start()
  })

  it('are parts of a limit, for a time', () => {
    const client = { send: async () => [], subscribe: async () => async () => {} }
    expect(() => redisStore({ client, lease: { share: 2 } })).toThrow('lease.share')
    expect(() => redisStore({ client, lease: { ttlMs: Number.NaN } })).toThrow('lease.ttlMs')
  })
})

import { createPlimsoll } from '@plimsoll/core'
import type { StoreFallback } from '@plimsoll/core'
import { startFakeProvider } from '@plimsoll/fake-provider'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connected } from '../src/redis-client.fixture.ts'
import { HAS_REDIS, startRedis } from '../src/redis-server.fixture.ts'
import type { RedisServer } from '../src/redis-server.fixture.ts'
import { redisStore } from '../src/redis-store.ts'
import { member } from './fleet.ts'
import type { Member, Order } from './fleet.ts'

const PROCESSES = 3
/** Requests in an hour, which is longer than any of this takes: nothing comes back by itself. */
const LIMIT = 100
const TOKENS = 1_000_000
const HOUR = 3_600_000
const SHARE = 0.2
const CALL = { inputTokens: 50, maxOutputTokens: 200 }

/** What each process does: before, across, during and after the time in which Redis is away. */
const BEFORE = 10
const ACROSS = 4
const DURING = 20
const AFTER = 30

type Outage = 'frozen' | 'killed' | 'emptied'

describe.skipIf(!HAS_REDIS)('while Redis is away from processes that share a limit', () => {
  let redis: RedisServer
  let provider: Awaited<ReturnType<typeof startFakeProvider>>
  beforeAll(async () => {
    redis = await startRedis(true)
    const quick = { ttftMs: 1, tokensPerSecond: 100_000 }
    provider = await startFakeProvider({ models: { '*': quick } })
  })
  let members: Member[] = []
  afterEach(() => {
    for (const one of members.splice(0)) one.kill()
  })
  afterAll(async () => {
    await provider.close()
    await redis.stop()
  })

  const limits = [
    { unit: 'requests', amount: LIMIT, perMs: HOUR, algorithm: 'sliding-window' },
    { unit: 'tokens', amount: TOKENS, perMs: HOUR, algorithm: 'sliding-window' },
  ] as const
  const targetsOf = (mode: StoreFallback) =>
    Object.fromEntries(
      (['frozen', 'killed', 'emptied'] as const).map((outage) => [`generic/${mode}-${outage}`, { limits }]),
    )

  async function fleet(mode: StoreFallback): Promise<void> {
    const task = {
      redis: redis.url,
      provider: provider.url,
      messages: [{ role: 'user', content: 'Say twenty words. [[tokens=20]]' }] as const,
      targets: targetsOf(mode),
      onStoreError: mode,
      localShare: SHARE,
      maxWaitMs: 2_000,
    }
    members = await Promise.all(Array.from({ length: PROCESSES }, () => member(task)))
  }

  /** What is left of the target's requests and tokens, by the store itself. */
  async function leftOf(mode: StoreFallback, target: string): Promise<number[]> {
    const client = await connected(redis.url)
    const plimsoll = createPlimsoll({ targets: targetsOf(mode), store: redisStore({ client }) })
    const { limits: levels } = await plimsoll.headroom(target)
    plimsoll.close()
    client.destroy()
    return levels.map(({ available }) => available)
  }

  const away: Record<Outage, { begin(): void | Promise<void>; end(): void | Promise<void> }> = {
    frozen: { begin: () => redis.freeze(), end: () => redis.thaw() },
    killed: { begin: () => redis.kill(), end: () => redis.start() },
    emptied: {
      async begin() {
        await redis.kill()
        redis.empty()
      },
      end: () => redis.start(),
    },
  }

  /** Runs all of it with Redis away so; returns what was let in meanwhile and in all, and what the store says is left. */
  async function through(mode: StoreFallback, outage: Outage, leastMs: number) {
    const target = `generic/${mode}-${outage}`
    const all = async <T>(order: Order): Promise<T[]> =>
      Promise.all(members.map(async (one) => one.do<T>(order)))
    const calls = async (times: number) => {
      const ends = await all<string[]>({ type: 'call', target, times, call: CALL })
      return ends.map((each) => ({
        sent: each.filter((end) => end === 'sent').length,
        refusals: [...new Set(each.filter((end) => end !== 'sent'))],
      }))
    }
    const stats = () =>
      provider.stats().models[target] ?? { completed: 0, promptTokens: 0, completionTokens: 0 }
    expect((await calls(BEFORE)).map(({ sent }) => sent)).toEqual(members.map(() => BEFORE))
    await all({ type: 'regained' })
    const before = stats()
    await all({ type: 'hold', target, times: ACROSS, call: CALL })
    const began = Date.now()
    await away[outage].begin()
    // Every one of them has ended before Redis is back: nothing waits for it.
    const during = await calls(DURING)
    expect(await all({ type: 'let go' })).toEqual(members.map(() => Array(ACROSS).fill('sent')))
    expect(await all({ type: 'lost' })).toEqual(members.map(() => true))
    await sleep(Math.max(0, leastMs - (Date.now() - began)))
    await away[outage].end()
    await all({ type: 'regained' })
    await calls(AFTER)
    await all({ type: 'regained' })
    const { completed, promptTokens, completionTokens } = stats()
    // A Redis that is empty has forgotten what was over before.
    const forgotten = outage === 'emptied' ? before : { completed: 0, promptTokens: 0, completionTokens: 0 }
    const tokens = promptTokens + completionTokens - forgotten.promptTokens - forgotten.completionTokens
    return {
      during,
      total: completed,
      forgotten: forgotten.completed,
      left: await leftOf(mode, target),
      // By the provider's own count, each charged once.
      expected: [LIMIT - (completed - forgotten.completed), TOKENS - tokens],
    }
  }

  it.each([
    { mode: 'closed', each: 0, refusals: ['store-unavailable'], frozenMs: 5_000 },
    // Its share, less what it had used of it.
    { mode: 'local', each: SHARE * LIMIT - BEFORE, refusals: ['wait-too-long'], frozenMs: 0 },
    { mode: 'open', each: DURING, refusals: [], frozenMs: 0 },
  ] as const)(
    '$mode: nothing hangs, its bound holds, and everything is settled once',
    async ({ mode, each, refusals, frozenMs }) => {
      await fleet(mode)
      const meanwhile = PROCESSES * (BEFORE + ACROSS + each)
      for (const outage of ['frozen', 'killed', 'emptied'] as const) {
        const { during, total, forgotten, left, expected } = await through(
          mode,
          outage,
          outage === 'frozen' ? frozenMs : 0,
        )
        expect({ outage, during }).toEqual({ outage, during: members.map(() => ({ sent: each, refusals })) })
        expect({ outage, left }).toEqual({ outage, left: expected })
        // What is left is used to the last, and no more is let in afterwards.
        expect({ outage, total }).toEqual({ outage, total: Math.max(LIMIT + forgotten, meanwhile) })
      }
    },
    120_000,
  )
})

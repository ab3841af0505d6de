import { setTimeout as sleep } from 'node:timers/promises'
import { startFakeProvider } from '@plimsoll/fake-provider'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HAS_REDIS, startRedis } from '../src/redis-server.fixture.ts'
import type { RedisServer } from '../src/redis-server.fixture.ts'
import { killed, readyTwin } from './twins.ts'
import type { Twin, TwinResult, TwinTask } from './twins.ts'

/** The machine that tests this may be busy. */
const PATIENT = { timeout: 20_000 } as const

describe.skipIf(!HAS_REDIS)('processes that ask the same', () => {
  let redis: RedisServer
  let provider: FakeProvider
  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await provider.close()
    await redis.stop()
  })

  /** So many of them, before a provider that takes so long. */
  async function twins(count: number, ttftMs: number, rest: Partial<TwinTask> = {}): Promise<Twin[]> {
    provider = await startFakeProvider({ models: { m: { ttftMs, ttftSigma: 0, tokensPerSecond: 100_000 } } })
    const task = { redis: redis.url, provider: provider.url, calls: 1, everyMs: 0, ...rest }
    return Promise.all(Array.from({ length: count }, () => readyTwin(task)))
  }

  const requests = () => provider.stats().models['m']?.admitted ?? 0
  const failures = (results: readonly TwinResult[]) => results.flatMap((result) => result.failures)
  const answers = (results: readonly TwinResult[]) => new Set(results.flatMap((result) => result.answers))
  const countOf = (results: readonly TwinResult[], cache: string) =>
    results.flatMap(({ caches }) => caches).filter((one) => one === cache).length

  it('ask the provider once: 4 of them, 25 calls each, before it answers and after', async () => {
    const each = await twins(4, 1_500, { calls: 25, everyMs: 100 })
    const results = await Promise.all(each.map(({ begin }) => begin()))
    expect(failures(results)).toEqual([])
    expect([requests(), answers(results).size]).toEqual([1, 1])
    expect(countOf(results, 'none')).toBe(1)
    expect(countOf(results, 'joined')).toBeGreaterThan(3)
    expect(countOf(results, 'hit')).toBe(99 - countOf(results, 'joined'))
  }, 60_000)

  it('are answered by exactly one of them when the one that asked is killed', async () => {
    const each = await twins(4, 3_000)
    const [leader, ...others] = each as [Twin, ...Twin[]]
    leader.begin().catch(() => {})
    await expect.poll(requests, PATIENT).toBe(1)
    const following = others.map(({ begin }) => begin())
    await sleep(500)
    await killed(leader)
    const since = performance.now()
    const results = await Promise.all(following)
    expect(failures(results)).toEqual([])
    expect([requests(), answers(results).size]).toEqual([2, 1])
    expect(results.flatMap(({ caches }) => caches).toSorted()).toEqual(['joined', 'joined', 'none'])
    // Its claim of 5 s, and then the call. That is far from the minutes that a call may take.
    expect(performance.now() - since).toBeLessThan(20_000)
  }, 60_000)

  it('all get an answer when Redis is killed meanwhile, claims and cache and all', async () => {
    const each = await twins(4, 2_000, { calls: 5, everyMs: 50 })
    const results = each.map(({ begin }) => begin())
    await expect.poll(requests, PATIENT).toBe(1)
    await sleep(300)
    await redis.kill()
    const all = await Promise.all(results)
    expect(failures(all)).toEqual([])
    // The one that led, and each of the others for itself.
    expect(requests()).toBe(4)
  }, 60_000)

  it('all get an answer when Redis is frozen meanwhile', async () => {
    const each = await twins(3, 2_000, { calls: 3, everyMs: 50 })
    const results = each.map(({ begin }) => begin())
    await expect.poll(requests, PATIENT).toBe(1)
    await sleep(300)
    redis.freeze()
    const all = await Promise.all(results)
    redis.thaw()
    expect(failures(all)).toEqual([])
    expect(requests()).toBe(3)
  }, 60_000)
})

import { startFakeProvider } from '@plimsoll/fake-provider'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connected } from '../src/redis-client.fixture.ts'
import { HAS_REDIS, startRedis } from '../src/redis-server.fixture.ts'
import type { RedisServer } from '../src/redis-server.fixture.ts'
import { redisStore } from '../src/redis-store.ts'
import { createPlimsoll } from '@plimsoll/core'
import { member, said, started } from './fleet.ts'
import type { Member, Result, Task } from './fleet.ts'

const MESSAGES = [{ role: 'user', content: 'Say a hundred words. [[tokens=100]]' }] as const
const OUTPUT = 100

describe.skipIf(!HAS_REDIS)('processes that share a limit', () => {
  let redis: RedisServer
  let namespaces = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  beforeEach(() => {
    namespaces++
  })

  const task = (provider: string, inputTokens: number, rest: Partial<Task>): Task => ({
    redis: redis.url,
    namespace: `race-${namespaces}`,
    provider,
    target: 'generic/m',
    limits: {},
    calls: 0,
    hold: 0,
    leaseMs: 30_000,
    clockOffMs: 0,
    maxOutputTokens: OUTPUT,
    messages: MESSAGES,
    call: { target: 'generic/m', inputTokens, maxOutputTokens: OUTPUT },
    ...rest,
  })

  it.each([
    ['off', undefined],
    ['on', { share: 0.05, ttlMs: 100 }],
  ])(
    'exceed it never and use nearly all of it, leases %s: 4 of them, 250 calls at once each, one with a wrong clock',
    async (_, lease) => {
      const amount = 20_000
      const perMs = 3_000
      const limit = { unit: 'tokens', amount, perMs, algorithm: 'token-bucket' } as const
      const quick = { ttftMs: 1, tokensPerSecond: 100_000, tokenBias: 1 }
      await using provider = await startFakeProvider({
        models: { m: { ...quick, limits: [limit] }, 'not-limited': quick },
      })
      const inputTokens = await promptTokens(provider.url)
      const fleet = [0, 0, 2_000, 0].map((clockOffMs) =>
        started(
          task(provider.url, inputTokens, {
            limits: [limit],
            calls: 250,
            clockOffMs,
            ...(lease && { lease }),
          }),
        ),
      )
      const results = await Promise.all(fleet.map(async (child) => said<Result>(child)))
      expect(results.flatMap(({ failures }) => failures)).toEqual([])
      const stats = provider.stats().models['m']!
      expect([stats.completed, stats.rejected.total]).toEqual([1_000, 0])
      const [{ charged, burst }] = stats.limits as [(typeof stats.limits)[0]]
      // All that the provider would have let in from the first call to the last.
      const allowed = burst + ((stats.lastAdmissionMs! - stats.firstAdmissionMs!) * amount) / perMs
      expect(charged / allowed).toBeGreaterThan(0.95)
      expect(charged / allowed).toBeLessThanOrEqual(1)
    },
    120_000,
  )

  it('let in a call of 60 of 100 against a stream of 10s from another process', async () => {
    await using provider = await startFakeProvider({
      models: { '*': { ttftMs: 1, tokensPerSecond: 100_000 } },
    })
    const target = 'generic/m'
    const limits = [{ unit: 'tokens', amount: 1_000, perMs: 500, algorithm: 'token-bucket' }] as const
    const messages = [{ role: 'user', content: 'Say all that you may. [[tokens=1000]]' }] as const
    const shared = {
      redis: redis.url,
      provider: provider.url,
      targets: { [target]: { limits } },
      messages,
    } as const
    const members = await Promise.all(
      [1, 2].map(() => member({ ...shared, onStoreError: 'closed', maxWaitMs: 60_000, localShare: 0.1 })),
    )
    const [small, large] = members as [Member, Member]
    const inputTokens = await promptTokens(provider.url, messages)
    const callOf = (tokens: number) => ({ inputTokens, maxOutputTokens: tokens - inputTokens })
    // So many lanes that whatever comes free is asked for at once.
    await small.do({ type: 'stream', target, times: 30, call: callOf(100) })
    const streamed = () => provider.stats().models[target]?.completed ?? 0
    const goesOn = async () => {
      const from = streamed()
      await expect.poll(streamed, { timeout: 10_000 }).toBeGreaterThan(from + 20)
    }
    await goesOn()
    for (let nth = 0; nth < 3; nth++) {
      const before = streamed()
      expect(await large.do({ type: 'call', target, times: 1, call: callOf(600) })).toEqual(['sent'])
      // What was let in already, and what comes free until there is room for it: two limits' worth with some to spare.
      expect(streamed() - before).toBeLessThan(30)
    }
    await goesOn()
    for (const one of members) one.kill()
  })

  it.each([
    ['', undefined],
    [', with the slices it held', { share: 0.2, ttlMs: 200 }],
  ])('get back what one held that was killed%s, when its lease has run out', async (_, lease) => {
    const limits = { concurrency: 40, tpm: 100_000 }
    const tokens = 1 + OUTPUT
    const holder = started(
      task('', 1, { limits, calls: 30, hold: 20, leaseMs: 1_000, ...(lease && { lease }) }),
    )
    const { asked } = await said<Result>(holder)
    // With leases most were let in without a trip.
    expect(asked['reserve']! < 40).toBe(lease !== undefined)
    const client = await connected(redis.url)
    const plimsoll = createPlimsoll({
      targets: { 'generic/m': { limits } },
      store: redisStore({ client, namespace: `race-${namespaces}` }),
    })
    const tickets = Array.from({ length: 40 }, () =>
      plimsoll.reserve({ ...task('', 1, {}).call, priority: 'high' }),
    )
    const granted = () => tickets.filter(({ state }) => state === 'granted').length
    // For as long as it lives it keeps what it holds: longer than a lease.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(granted()).toBeLessThanOrEqual(20)
    holder.kill('SIGKILL')
    await expect.poll(granted, { timeout: 10_000 }).toBe(40)
    const left = (await plimsoll.headroom('generic/m')).limits.find(({ unit }) => unit === 'tokens')!
    // Of tokens, what lay in its slice is taken to be used, as is what it held.
    const unused = limits.tpm - (30 + 20 + 40) * tokens
    expect(left.available).toBeLessThanOrEqual(unused)
    expect(left.available).toBeGreaterThanOrEqual(unused - (lease?.share ?? 0) * limits.tpm)
    plimsoll.close()
    client.destroy()
  })
})

async function promptTokens(url: string, messages: Task['messages'] = MESSAGES): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'not-limited', max_tokens: OUTPUT, messages }),
  })
  const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }
  expect(usage.completion_tokens).toBe(OUTPUT)
  return usage.prompt_tokens
}

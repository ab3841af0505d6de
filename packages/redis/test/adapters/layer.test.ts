import { createPlimsoll } from '@plimsoll/core'
import { Plimsoll, withBudget } from '@plimsoll/effect'
import { Effect, Layer } from 'effect'
import { describe, expect, it } from 'vitest'
import { connected, redisForAll } from '../../src/redis-client.fixture.ts'
import { HAS_REDIS } from '../../src/redis-server.fixture.ts'
import { redisStore } from '../../src/redis-store.ts'

const CALLS = 20
const CONFIG = { targets: { 'openai/m': { limits: { concurrency: CALLS, rpd: 100 } } } } as const

describe.skipIf(!HAS_REDIS)('a layer whose client is a resource', () => {
  const redis = redisForAll()

  it('tells Redis all that came of its calls before the client is closed', async () => {
    const client = Effect.acquireRelease(
      Effect.promise(() => connected(redis.server.url)),
      (one) => Effect.sync(() => one.destroy()),
    )
    const limits = Layer.unwrap(
      Effect.map(client, (one) => Plimsoll.layer({ ...CONFIG, store: redisStore({ client: one }) })),
    )
    const call = withBudget(Effect.void, { target: 'openai/m', tokens: 1 })
    // Its scope closes in the very turn in which the last of them is settled.
    const calls = Effect.all(Array(CALLS).fill(call) as (typeof call)[], { concurrency: 'unbounded' })
    await Effect.runPromise(Effect.provide(calls, limits))
    const other = createPlimsoll({ ...CONFIG, store: redisStore({ client: redis.client }) })
    const { limits: left } = await other.headroom('openai/m')
    other.close()
    expect(left.map(({ unit, available }) => [unit, available]).toSorted()).toEqual([
      ['requests', 100 - CALLS],
      ['slots', CALLS],
    ])
  })
})

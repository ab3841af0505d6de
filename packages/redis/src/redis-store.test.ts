import { answered, disagreement, storeProgram } from '@plimsoll/core/testing'
import fc from 'fast-check'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portOf } from './port.ts'
import { HAS_REDIS, startRedis } from './redis-server.fixture.ts'
import type { RedisServer } from './redis-server.fixture.ts'
import { RedisStore } from './redis-store.ts'

describe.skipIf(!HAS_REDIS)('a store in Redis', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  let namespaces = 0

  beforeAll(async () => {
    server = await startRedis()
    client = createClient({ url: server.url })
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })

  it('answers whatever it is asked as the store in memory does', async () => {
    const fresh = () =>
      new RedisStore({ port: portOf(client), namespace: `model-${++namespaces}`, timeOf: (now) => now })
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 300 }), async (seed, length) => {
        expect(await disagreement(fresh(), storeProgram(seed, length))).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })
})

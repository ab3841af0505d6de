import type { Op, Store } from '@plimsoll/core'
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { portOf } from './port.ts'
import { RedisScript } from './redis-script.ts'
import { startRedis } from './redis-server.fixture.ts'
import type { RedisServer } from './redis-server.fixture.ts'

/** A connected client of node-redis that bears it when its server goes away. */
export async function connected(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return client
}

type Client = Awaited<ReturnType<typeof connected>>

/** A server for all tests of a suite, and a client of it: there while they run. */
export function redisForAll(): { readonly server: RedisServer; readonly client: Client } {
  let server: RedisServer
  let client: Client
  beforeAll(async () => {
    server = await startRedis()
    client = await connected(server.url)
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })
  return {
    get server() {
      return server
    },
    get client() {
      return client
    },
  }
}

/** The script alone, as a store that goes by the times it is told. */
export function timedStore(client: Client, namespace: string): Store {
  const script = new RedisScript({ port: portOf(client), namespace, timeOf: (now) => now })
  return {
    send(op, now, done) {
      const answered = (answer: unknown) => done(answer as never)
      void script.ask(op as Op, now).then(
        ({ answer }) => answered(answer),
        (error: unknown) => answered({ kind: 'failure', error }),
      )
    },
  }
}

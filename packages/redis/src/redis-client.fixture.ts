import type { Op, Store } from '@plimsoll/core'
import { createClient } from 'redis'
import { portOf } from './port.ts'
import { RedisScript } from './redis-script.ts'

/** A connected client of node-redis that bears it when its server goes away. */
export async function connected(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The script alone, as a store that goes by the times it is told. */
export function timedStore(client: Awaited<ReturnType<typeof connected>>, namespace: string): Store {
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

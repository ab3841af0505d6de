import { createPlimsoll } from '@plimsoll/core'
import { redisStore } from '@plimsoll/redis'
import { createClient } from 'redis'

const client = createClient({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
client.on('error', () => {})
await client.connect()

// Each process of a fleet makes one of these. Here two stand for two processes.
const fleet = ['one', 'other'].map((name) => ({
  name,
  plimsoll: createPlimsoll({
    targets: { 'openai/gpt-5-mini': { limits: { concurrency: 1 } } },
    store: redisStore({ client, namespace: 'example' }),
  }),
}))

const call = { target: 'openai/gpt-5-mini', input: 'Say hello.', maxOutputTokens: 20 }
let inUse = 0
await Promise.all(
  fleet.map(({ name, plimsoll }) =>
    plimsoll.call(call, async () => {
      inUse++
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log(`${name}: ${inUse} at once`)
      inUse--
    }),
  ),
)
for (const { plimsoll } of fleet) await plimsoll.drain()
client.destroy()

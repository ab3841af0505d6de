import KeyvRedis from '@keyv/redis'
import { createPlimsoll } from '@plimsoll/core'
import { redisStore } from '@plimsoll/redis'
import { Keyv } from 'keyv'
import { createClient } from 'redis'

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
const kept = new KeyvRedis(url)

// Each process of a fleet makes one of these. Here two stand for two processes.
const fleet = [1, 2].map(() =>
  createPlimsoll({
    store: redisStore({ client, namespace: 'shared-cache' }),
    cache: {
      store: new Keyv(kept, { useKeyPrefix: false }),
      secret: 'the same for all processes',
      // The first look-up connects.
      deadlineMs: 1_000,
    },
    tasks: { faq: { cache: { ttlMs: 60_000 } } },
  }),
)

const call = { target: 'openai/gpt-5-mini', task: 'faq', input: `How do I cancel, on ${Date.now()}?` }
let calls = 0
const answers = await Promise.all(
  fleet.map((plimsoll) =>
    plimsoll.call(call, async () => {
      calls++
      await new Promise((resolve) => setTimeout(resolve, 100))
      return 'In the settings.'
    }),
  ),
)
console.log(answers, `${calls} call`)
console.log('joined:', fleet.map((plimsoll) => plimsoll.report().rows[0]?.joinedRate).toSorted())
for (const plimsoll of fleet) {
  await plimsoll.drain()
  await plimsoll.flush()
}
await kept.disconnect()
client.destroy()

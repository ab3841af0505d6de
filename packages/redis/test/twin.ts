// One process of several that ask the same. Its parent tells it what to do, as JSON, and hears what came of it.
import KeyvRedis from '@keyv/redis'
import { createPlimsoll } from '@plimsoll/core'
import { redisStore } from '@plimsoll/redis'
import { Keyv } from 'keyv'
import { createClient } from 'redis'
import type { TwinTask } from './twins.ts'

const task = JSON.parse(process.argv[2]!) as TwinTask
const client = createClient({ url: task.redis, socket: { reconnectStrategy: 50 } })
client.on('error', () => {})
await client.connect()
const keyv = new Keyv(new KeyvRedis(task.redis), { useKeyPrefix: false })
const caches: string[] = []
const plimsoll = createPlimsoll({
  store: redisStore({ client, onStoreError: 'open', timeoutMs: 500 }),
  // Longer than by default: the machine that tests this may be busy.
  cache: { store: keyv, secret: 'a secret that these processes share', deadlineMs: 1_000 },
  tasks: { faq: { cache: { ttlMs: 600_000 } } },
  retry: { maxAttempts: 1 },
  onEvent(event) {
    if (event.type === 'call.finished') caches.push(event.cache ?? 'none')
  },
})

async function asked(signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${task.provider}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello. [[tokens=20]]' }] }),
    signal,
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response.json()
}

const failures: string[] = []
const answers = new Set<string>()
async function ask(nth: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, nth * task.everyMs))
  try {
    const answer = await plimsoll.call(
      { target: 'generic/m', task: 'faq', input: 'Hello.', inputTokens: 5, maxOutputTokens: 20 },
      async ({ signal }) => asked(signal),
    )
    answers.add(JSON.stringify(answer))
  } catch (error) {
    failures.push((error as Error).message)
  }
}

process.send!({ ready: true })
await new Promise((resolve) => process.once('message', resolve))
await Promise.all(Array.from({ length: task.calls }, (_, nth) => ask(nth)))
// As a process should end: what it leaves to others has arrived.
await plimsoll.flush()
process.send!({ answers: [...answers], caches, failures })
process.exit()

// One process of a fleet. Its parent tells it what to do, as JSON, and hears what came of it.
import { createPlimsoll } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { redisStore } from '@plimsoll/redis'
import type { NodeRedisClient } from '@plimsoll/redis'
import { createClient } from 'redis'
import type { Task } from './fleet.ts'

const task = JSON.parse(process.argv[2]!) as Task
const client = createClient({ url: task.redis })
client.on('error', () => {})
await client.connect()
const asked: Record<string, number> = {}
const counting: NodeRedisClient = {
  duplicate: () => client.duplicate(),
  async sendCommand(words) {
    const kind = words[6] ?? words[0]!
    asked[kind] = (asked[kind] ?? 0) + 1
    return client.sendCommand(words)
  },
}
const plimsoll = createPlimsoll({
  targets: { [task.target]: { limits: task.limits } },
  store: redisStore({
    client: counting,
    namespace: task.namespace,
    ...(task.lease === undefined ? {} : { lease: task.lease }),
  }),
  // A process whose clock is wrong.
  clock: { ...systemClock, now: () => systemClock.now() + task.clockOffMs },
  leaseMs: task.leaseMs,
  retry: { maxAttempts: 1 },
  queue: { maxWaitMs: 600_000 },
})

async function answerOf(signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${task.provider}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'm', max_tokens: task.maxOutputTokens, messages: task.messages }),
    signal,
  })
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { status: response.status })
  return response.json()
}

if (task.hold > 0) {
  // Holds so many calls for ever: it is there to be killed.
  const never = () => new Promise<never>(() => {})
  for (let nth = 0; nth < task.calls; nth++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await plimsoll.call(
      { ...task.call, tenant: 'a' },
      async () => new Promise((resolve) => setImmediate(resolve)),
    )
  }
  for (let nth = 0; nth < task.hold; nth++)
    void plimsoll.call({ ...task.call, tenant: 'a' }, never).catch(() => {})
  while (plimsoll.state().reservations < task.hold) await new Promise((resolve) => setTimeout(resolve, 5))
  process.send!({ failures: [], lastAt: Date.now(), asked })
} else {
  const failures: string[] = []
  const calls = Array.from({ length: task.calls }, async (_, nth) => {
    try {
      await plimsoll.call({ ...task.call, tenant: nth % 2 === 0 ? 'a' : 'b' }, async ({ signal }) =>
        answerOf(signal),
      )
    } catch (error) {
      failures.push((error as Error).message)
    }
  })
  await Promise.all(calls)
  await plimsoll.drain()
  process.send!({ failures, lastAt: Date.now(), asked })
  await client.close()
  process.disconnect()
}

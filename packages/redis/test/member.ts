// A process of a fleet that does what its parent tells it, one order after the other, and says what came of each.
import { createPlimsoll } from '@plimsoll/core'
import { redisStore } from '@plimsoll/redis'
import { createClient } from 'redis'
import type { MemberTask, Order } from './fleet.ts'

const task = JSON.parse(process.argv[2]!) as MemberTask
const client = createClient({ url: task.redis, socket: { reconnectStrategy: 50 } })
client.on('error', () => {})
await client.connect()
const { onStoreError, localShare, targets } = task
let lost = false
const plimsoll = createPlimsoll({
  targets,
  store: redisStore({ client, onStoreError, localShare }),
  retry: { maxAttempts: 1 },
  queue: { maxWaitMs: task.maxWaitMs },
  onEvent({ type }) {
    if (type === 'store.lost') lost = true
    if (type === 'store.regained') lost = false
  },
})

/** Calls whose answers are here, and that do not end before they are told to. */
let holding = 0
let letGo = () => {}
let released = new Promise<void>((resolve) => (letGo = resolve))
let held: Promise<unknown>[] = []

async function called({ target, call }: Extract<Order, { target: string }>, hold: boolean): Promise<string> {
  try {
    await plimsoll.call({ ...call, target, tenant: 'a' }, async ({ signal }) => {
      const response = await fetch(`${task.provider}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
        body: JSON.stringify({ model: target, max_tokens: call.maxOutputTokens, messages: task.messages }),
        signal,
      })
      const answer: unknown = await response.json()
      if (hold) {
        holding++
        await released
      }
      return answer
    })
    return 'sent'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function done(order: Order): Promise<unknown> {
  switch (order.type) {
    case 'call':
      return Promise.all(Array.from({ length: order.times }, () => called(order, false)))
    case 'hold':
      held = Array.from({ length: order.times }, () => called(order, true))
      return until(() => holding === order.times)
    case 'let go': {
      letGo()
      released = new Promise((resolve) => (letGo = resolve))
      holding = 0
      return Promise.all(held)
    }
    case 'lost':
      return lost
    case 'regained':
      await until(() => !lost)
      // It is asked after all that it was told.
      return plimsoll.headroom(Object.keys(targets)[0]!)
    case 'stream': {
      // As many at a time as there is room for, until the process ends.
      const lane = async (): Promise<void> => {
        for (;;) await called(order, false)
      }
      for (let lanes = 0; lanes < order.times; lanes++) void lane()
      return undefined
    }
  }
}

process.on('message', ({ nth, order }: { nth: number; order: Order }) => {
  void done(order).then((answer) => process.send!({ nth, answer }))
})
process.on('disconnect', () => process.exit())
process.send!('here')

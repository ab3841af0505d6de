// A process that calls through toolkits as its parent tells it, and says what came of each order.
import { PlimsollError } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import { redisStore } from '@plimsoll/redis'
import { createClient } from 'redis'
import { aiSdk } from './ai-sdk.ts'
import { effect } from './effect.ts'
import { langchain } from './langchain.ts'
import type { Ended, Toolkit, ToolkitName, ToolkitOrder, ToolkitTask } from './toolkit.ts'

const task = JSON.parse(process.argv[2]!) as ToolkitTask
const client = createClient({ url: task.redis })
client.on('error', () => {})
await client.connect()
const made: Readonly<Record<ToolkitName, Toolkit>> = {
  'ai-sdk': await aiSdk(config(), task.provider),
  effect: await effect(config(), task.provider),
  langchain: await langchain(config(), task.provider),
}

function config(): PlimsollConfig {
  return { ...task.config, store: redisStore({ client, namespace: task.namespace }) }
}

type OrderOf<T extends ToolkitOrder['type']> = Extract<ToolkitOrder, { type: T }>

async function asked(
  { toolkit, way, question }: OrderOf<'ask' | 'spend' | 'ask and leave'>,
  signal: AbortSignal,
) {
  try {
    await made[toolkit].ways[way]!.ask(question, signal)
    return 'answered'
  } catch (error) {
    return signal.aborted ? 'left' : (PlimsollError.find(error)?.code ?? String(error))
  }
}

const never = new AbortController().signal
const timed = async (how: Promise<string>): Promise<Ended> => ({ how: await how, at: Date.now() })

async function spent(order: OrderOf<'spend'>): Promise<Ended[]> {
  const ends: Ended[] = []
  const lane = async (): Promise<void> => {
    do ends.push(await timed(asked(order, never)))
    while (ends.at(-1)!.how === 'answered')
  }
  await Promise.all(Array.from({ length: order.times }, lane))
  return ends
}

/** A quarter of them is left within as many turns; of the others the first and the last there are, with each answer. */
async function askedAndLeft(order: OrderOf<'ask and leave'>): Promise<Ended[]> {
  const callers = Array.from({ length: order.times }, () => new AbortController())
  const staying = new Set(callers.slice(order.times / 4))
  const leave = (caller: AbortController | undefined): void => {
    caller?.abort(new Error('gone'))
    if (caller !== undefined) staying.delete(caller)
  }
  const ends = callers.map(async (caller) => {
    const how = await asked(order, caller.signal)
    staying.delete(caller)
    if (how === 'answered') for (const at of [0, -1]) leave([...staying].at(at))
    return { how, at: Date.now() }
  })
  for (const caller of callers.slice(0, order.times / 4)) {
    leave(caller)
    await new Promise(setImmediate)
  }
  return Promise.all(ends)
}

let leave: (() => unknown) | undefined

async function done(order: ToolkitOrder): Promise<unknown> {
  switch (order.type) {
    case 'ask':
      return Promise.all(Array.from({ length: order.times }, () => timed(asked(order, never))))
    case 'ask and leave':
      return askedAndLeft(order)
    case 'spend':
      return spent(order)
    case 'hold':
      leave = await made[order.toolkit].ways[order.way]!.hold(order.question)
      return undefined
    case 'leave':
      await leave!()
      return undefined
    case 'waiting':
      return made[order.toolkit].plimsoll.state().waiting
    case 'end':
      await Promise.all(Object.values(made).map(({ end }) => end()))
      client.destroy()
      return undefined
  }
}

process.on('message', ({ nth, order }: { nth: number; order: ToolkitOrder }) => {
  void done(order).then(
    (answer) => process.send!({ nth, answer }),
    (error: unknown) => process.send!({ nth, failed: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
process.send!('here')

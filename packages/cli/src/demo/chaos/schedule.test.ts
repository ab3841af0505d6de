import { startFakeProvider } from '@plimsoll/fake-provider'
import { expect, it } from 'vitest'
import { badDay, play } from './schedule.ts'
import type { Phase } from './schedule.ts'

const MINUTE_MS = 300
const BROKEN: Phase = { name: 'broken', minutes: 1, faults: [{ kind: 'server-error', rate: 1 }] }
const LIMITED: Phase = { name: 'limited', minutes: 1, faults: [{ kind: 'rate-limit', rate: 1 }] }

async function ask(url: string): Promise<number> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
  return (await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).status
}

it('has the faults of one phase at a time, and none in the end', async () => {
  await using server = await startFakeProvider()
  const asked: Promise<[string, number]>[] = []
  await play([BROKEN, LIMITED], {
    url: server.url,
    minuteMs: MINUTE_MS,
    signal: new AbortController().signal,
    onPhase: (name) => asked.push(ask(server.url).then((status) => [name, status])),
  })
  expect(await Promise.all(asked)).toEqual([
    ['broken', 500],
    ['limited', 429],
    ['all is well', 200],
  ])
})

it('ends when it is told to', async () => {
  await using server = await startFakeProvider()
  const stop = new AbortController()
  const names: string[] = []
  await play([{ ...BROKEN, minutes: 1e6 }, LIMITED], {
    url: server.url,
    minuteMs: MINUTE_MS,
    signal: stop.signal,
    onPhase: (name) => {
      names.push(name)
      stop.abort()
    },
  })
  expect(names).toEqual(['broken'])
})

it('does not go on with a fault that the server does not know', async () => {
  await using server = await startFakeProvider()
  const unknown = { ...BROKEN, faults: [{ kind: 'bad-mood' } as never] }
  const options = { url: server.url, minuteMs: MINUTE_MS, onPhase: () => {} }
  await expect(play([unknown], { ...options, signal: new AbortController().signal })).rejects.toThrow(
    'bad-mood (HTTP 400)',
  )
})

it('is a day of faults that the server knows, with peace at both ends', async () => {
  await using server = await startFakeProvider()
  const phases = badDay({ small: 's', large: 'l' }, MINUTE_MS)
  for (const { faults } of phases) for (const fault of faults) server.inject(fault)
  expect([phases[0]?.faults, phases.at(-1)?.faults]).toEqual([[], []])
})

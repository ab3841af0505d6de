import { PlimsollError } from '@plimsoll/core'
import { expect, it } from 'vitest'
import type { Sent } from '../send.ts'
import { justRun } from '../sides/side.ts'
import type { ModelCall, Run } from '../workload.ts'
import { Watch } from './endings.ts'

const SENT: Sent = { inputTokens: 1, outputTokens: 1, characters: 5 }

/** A run of a call for each of these: what is sent back, or thrown. */
async function watched(watch: Watch, ...replies: readonly (Partial<Sent> | Error)[]): Promise<void> {
  const calls = replies.map(() => ({}) as ModelCall)
  const side = watch.side({
    run: justRun,
    call: async (call) => {
      const reply = replies[calls.indexOf(call)]
      if (reply instanceof Error) throw reply
      return { ...SENT, ...reply }
    },
  })
  const { signal } = new AbortController()
  const chain = async (): Promise<void> => {
    for (const call of calls) await side.call(call, signal)
  }
  await side.run({ calls } as unknown as Run, chain).catch(() => {})
}

it('tells by what a caller sees how a run has ended', async () => {
  const watch = new Watch(9)
  const refusal = new PlimsollError({ code: 'no-target', message: 'None could.' })
  await watched(watch, {}, {})
  await watched(watch, {}, { degraded: 'partial' })
  await watched(watch, { degraded: 'partial' }, { degraded: 'message' }, { degraded: 'partial' })
  await watched(watch, { degraded: 'partial' }, refusal)
  await watched(watch, new Error('wrapped', { cause: refusal }))
  await watched(watch, {}, new Error('fetch failed'))
  await watched(watch, { characters: 0 }, {})
  expect(watch.endings()).toEqual({
    answered: 1,
    lesser: { partial: 1, 'message and partial': 1 },
    refused: { 'no-target': 2 },
    lost: { 'fetch failed': 1, 'an empty answer': 1 },
    hung: 2,
  })
  expect(watch.ended).toBe(7)
})

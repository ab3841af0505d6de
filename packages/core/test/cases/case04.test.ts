import { createPlimsoll } from '@plimsoll/core'
import { MemoryStore, virtualClock } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 } as const
const granted = (tickets: readonly { state: string }[]) =>
  tickets.filter(({ state }) => state === 'granted').length

describe('case 4: how many calls at once', () => {
  it('is held for the account and not for each worker: workers that share a store hold one cap together', async () => {
    const clock = virtualClock()
    const store = new MemoryStore()
    const targets = { 'openai/model': { limits: { concurrency: 3 } } }
    const workers = Array.from({ length: 4 }, () => createPlimsoll({ clock, store, targets }))
    const tickets = workers.flatMap((worker) => [worker.reserve(CALL), worker.reserve(CALL)])
    expect(granted(tickets)).toBe(3)
    tickets.find(({ state }) => state === 'granted')!.reservation!.cancel()
    // No worker is told of another's slot: it looks again.
    await clock.advance(5_000)
    expect([granted(tickets), store.open]).toEqual([4, 3])
  })

  it('is held for each key: one user’s cap is not another’s', () => {
    const { plimsoll } = setUp({
      targets: { 'openai/model': { limits: { rpm: 1_000 } } },
      budgets: [{ per: 'user', concurrency: 2 }],
    })
    const reserve = (user: string) => Array.from({ length: 5 }, () => plimsoll.reserve({ ...CALL, user }))
    const one = reserve('one')
    expect([granted(one), granted(reserve('other'))]).toEqual([2, 2])
    one[0]!.reservation!.releaseSlots()
    expect(granted(one)).toBe(3)
  })
})

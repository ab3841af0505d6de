import { MemoryStore } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { BegunRuns } from '../../src/budget/begun-runs.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { core } from '../support/core.ts'
import { MINUTE, setUp } from '../support/set-up.ts'

describe('case 36: memory stays bounded', () => {
  it('of targets that nobody listed the longest unused are forgotten', () => {
    const { plimsoll, events } = setUp()
    const meet = (id: number) => plimsoll.reserve({ target: `openai/${id}`, inputTokens: 1 }).cancel()
    for (let id = 0; id < 1_500; id++) meet(id)
    const before = events.filter(({ type }) => type === 'target.unlisted').length
    meet(1_499)
    meet(0)
    const again = events.filter(({ type }) => type === 'target.unlisted').slice(before)
    expect([before, again]).toMatchObject([1_500, [{ target: 'openai/0' }]])
  })

  it('of a store, buckets that rest make way for others', async () => {
    const store = new MemoryStore({ maxKeys: 100 })
    const { clock, plimsoll } = setUp({
      store,
      targets: { 'openai/model': { limits: { rpm: 1_000_000 } } },
      budgets: [{ per: 'user', rpm: 10 }],
    })
    for (let user = 0; user < 2_000; user++) {
      const ticket = plimsoll.reserve({ target: 'openai/model', inputTokens: 1, user: String(user) })
      ticket.reservation!.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
      await (user % 10 === 0 ? clock.advance(MINUTE) : undefined)
    }
    expect(store.buckets).toBeLessThanOrEqual(110)
    expect(store.open).toBe(0)
  })

  it('of tenants with nobody waiting only those are kept that had more than their share', () => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: { 'openai/model': { limits: { concurrency: 1 } } },
    })
    const model = target('openai/model')
    let holder = admission.reserve(asking(model, { input: 1 }))
    for (let tenant = 0; tenant < 2_000; tenant++) {
      const next = admission.reserve(asking(model, { input: 1, tenant: String(tenant) }))
      holder.reservation!.cancel()
      holder = next
    }
    expect(model.pool.room.of(1).tenants).toBe(0)
  })

  it('of runs under way a bounded number is remembered, the longest silent not', () => {
    const runs = new BegunRuns()
    for (let run = 0; run < 20_000; run++) runs.begin(String(run))
    expect([runs.has('0'), runs.has('9999'), runs.has('10000'), runs.has('19999')]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})

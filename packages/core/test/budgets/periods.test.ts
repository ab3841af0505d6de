import { virtualClock } from '@plimsoll/core/testing'
import type { BudgetConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, outcomeOf, setUp, used } from '../support/set-up.ts'

const at = (text: string) => Date.parse(text)
const TARGETS = { 'openai/model': { limits: { rpm: 1_000_000 } } }
const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40 } as const

function budgeted(budgets: readonly BudgetConfig[], start = '2026-03-10T12:00:00Z') {
  const clock = virtualClock({ start: at(start) })
  const at0 = setUp({ clock, targets: TARGETS, budgets })
  /** Of calls of 100 tokens, one after the other, how many are let in at once. */
  const fit = (more: object = {}) => {
    let count = 0
    for (;;) {
      const ticket = at0.plimsoll.reserve({ ...CALL, ...more })
      if (ticket.state !== 'granted') {
        ticket.cancel()
        return count
      }
      ticket.reservation!.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
      count++
    }
  }
  return { ...at0, clock, fit }
}

describe('the period of a budget', () => {
  it('is the calendar month of its time zone', async () => {
    const { clock, fit } = budgeted([
      { per: 'tenant', tokens: 300, every: 'month', timeZone: 'America/New_York' },
    ])
    expect(fit()).toBe(3)
    await clock.advance(at('2026-04-01T03:59:59Z') - clock.now())
    expect(fit()).toBe(0)
    await clock.advance(1_000)
    expect(fit()).toBe(3)
  })

  it('rolls where that is asked for', async () => {
    const { clock, fit } = budgeted([{ per: 'tenant', tokens: 300, every: 'day', rolling: true }])
    await clock.advance(at('2026-03-10T23:59:59Z') - clock.now())
    expect(fit()).toBe(3)
    await clock.advance(12 * 60 * MINUTE)
    expect(fit()).toBe(0)
    // In sixty steps: at most one of them late.
    await clock.advance(12 * 60 * MINUTE + DAY / 60)
    expect(fit()).toBe(3)
  })

  it('stands beside the limits of a minute, each for itself', async () => {
    const { clock, fit } = budgeted([{ per: 'tenant', rpm: 2, requests: 5, tokens: 400, every: 'hour' }])
    expect(fit()).toBe(2)
    await clock.advance(2 * MINUTE)
    expect(fit()).toBe(2)
    await clock.advance(2 * MINUTE)
    expect(fit()).toBe(0)
    await clock.advance(60 * MINUTE)
    expect(fit()).toBe(2)
  })

  it('counts what its unit says: input, output, calls', () => {
    expect(budgeted([{ per: 'tenant', inputTokens: 300, every: 'day' }]).fit()).toBe(5)
    expect(budgeted([{ per: 'tenant', outputTokens: 300, every: 'day' }]).fit()).toBe(7)
    expect(budgeted([{ per: 'tenant', requests: 3, every: 'day' }]).fit()).toBe(3)
    const entries = [{ unit: 'tokens', amount: 250, every: 'week' }] as const
    expect(budgeted([{ per: 'tenant', limits: entries }]).fit()).toBe(2)
  })
})

describe('a budget for each run', () => {
  it('lasts as long as the run, and is forgotten with it', async () => {
    const { plimsoll, events } = budgeted([{ per: 'run', tokens: 250 }])
    const run = (id?: string) =>
      plimsoll.workflow('answer', id === undefined ? {} : { run: id }, async () => [
        await outcomeOf(plimsoll.call(CALL, async () => used(60, 40))),
        await outcomeOf(plimsoll.call(CALL, async () => used(60, 40))),
        await outcomeOf(plimsoll.call(CALL, async () => 'third')),
      ])
    const third = async (id?: string) => (await run(id))[2]
    // It never begins anew: nobody is left to wait for that.
    expect(await third()).toBe('wait-too-long')
    expect(await third('same')).toBe('wait-too-long')
    expect(await run('same')).toMatchObject([{}, {}, 'wait-too-long'])
    const rejected = events.filter(({ type }) => type === 'call.rejected')
    expect(rejected).toMatchObject([{}, {}, { by: 'budget:run=same:tokens:total' }])
  })
})

describe('a condition', () => {
  const budgets: readonly BudgetConfig[] = [
    { per: 'tenant', tokens: 100, every: 'day', when: { plan: 'free' } },
    { per: 'tenant', tokens: 300, every: 'day', when: { plan: ['pro', 'team'] } },
    { per: 'tenant', tokens: 200, every: 'day', when: { feature: 'chat', priority: 'low' } },
  ]

  it('chooses whose calls a budget is for', () => {
    const { fit } = budgeted(budgets)
    expect(fit({ tenant: 'a', plan: 'free' })).toBe(1)
    expect(fit({ tenant: 'b', plan: 'pro' })).toBe(3)
    expect(fit({ tenant: 'c', plan: 'team' })).toBe(3)
  })

  it('of several holds when all of them do; what is said of the mode counts as priority', () => {
    const { fit } = budgeted(budgets)
    expect(fit({ tenant: 'd', feature: 'chat', mode: 'background' })).toBe(2)
    const { plimsoll } = budgeted(budgets)
    const other = { ...CALL, tenant: 'd', feature: 'chat' }
    const states = Array.from({ length: 10 }, () => plimsoll.reserve(other).state)
    expect(states.every((state) => state === 'granted')).toBe(true)
  })
})

describe('keys above their bound', () => {
  it('are forgotten, the ones with most left first, and that is told', async () => {
    const { plimsoll, events } = setUp({
      maxKeys: 100,
      targets: TARGETS,
      budgets: [{ per: 'tenant', tokens: 100, every: 'month' }],
    })
    const spend = (tenant: string, tokens: number) => {
      const ticket = plimsoll.reserve({ ...CALL, inputTokens: tokens, maxOutputTokens: 0, tenant })
      ticket.reservation?.settle({ inputTokens: tokens, outputTokens: 0 }, 'exact')
      return ticket.state
    }
    for (let nth = 0; nth < 5; nth++) spend(`spent${nth}`, 100)
    for (let nth = 0; nth < 1_000; nth++) spend(`flood${nth}`, 1)
    const forgotten = events.filter(({ type }) => type === 'budget.forgotten')
    expect(forgotten.length).toBeGreaterThan(800)
    expect(forgotten.some((event) => 'key' in event && event.key.includes('spent'))).toBe(false)
    expect(Array.from({ length: 5 }, (_, nth) => spend(`spent${nth}`, 1))).not.toContain('granted')
  })
})

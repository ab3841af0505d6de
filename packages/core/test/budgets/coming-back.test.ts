import type { BudgetConfig, Reservation } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { MINUTE, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40, run: 'r' } as const
/** Two of these calls at once, as they are estimated. */
const BUDGETS: readonly (readonly [string, BudgetConfig])[] = [
  ['for a run', { per: 'run', tokens: 250 }],
  ['for a day', { per: 'run', tokens: 250, every: 'day' }],
  ['for the last day', { per: 'run', tokens: 250, every: 'day', rolling: true }],
  ['in dollars', { per: 'run', usd: 250, every: 'day' }],
]
const PRICES = { 'openai/model': { input: 1_000_000, output: 1_000_000 } } as const

function five(budget: BudgetConfig) {
  const at = setUp({ budgets: [budget], prices: PRICES })
  const tickets = Array.from({ length: 5 }, () => at.plimsoll.reserve(CALL))
  const ends = () => tickets.map(({ state, error }) => error?.code ?? state)
  const settle = (nth: number, each: number) =>
    tickets[nth]!.reservation!.settle({ inputTokens: each, outputTokens: 0 }, 'exact')
  return { ...at, tickets, ends, settle }
}

describe.each(BUDGETS)('a budget %s', (_, budget) => {
  it('is waited for by calls that may have what those under way give back', async () => {
    const { clock, ends, settle } = five(budget)
    expect(ends()).toEqual(['granted', 'granted', 'queued', 'queued', 'queued'])
    for (const nth of [0, 1, 2, 3, 4]) {
      await clock.advance(100)
      settle(nth, 30)
    }
    expect(ends()).toEqual(Array(5).fill('granted'))
  })

  it.each<[string, (reservation: Reservation) => void]>([
    ['', () => {}],
    [', after the provider has counted them', (reservation) => reservation.acknowledge()],
  ])('is refused, soon after, to those for whom nothing came back%s', async (__, counted) => {
    const { clock, tickets, ends, settle } = five(budget)
    for (const { reservation } of tickets.slice(0, 2)) counted(reservation!)
    await clock.advance(10_000)
    expect(ends().slice(2)).toEqual(['queued', 'queued', 'queued'])
    for (const nth of [0, 1]) settle(nth, 100)
    await clock.advance(3_000)
    expect(ends()).toEqual(['granted', 'granted', ...Array<string>(3).fill('wait-too-long')])
  })

  it('is waited for no longer than a call can wait', async () => {
    const { clock, ends } = five(budget)
    await clock.advance(2 * MINUTE)
    expect(ends().slice(2)).toEqual(Array(3).fill('deadline-exceeded'))
  })
})

it('of requests nothing comes back: whoever lacks one is told at once', () => {
  const { plimsoll } = setUp({ budgets: [{ per: 'run', requests: 2, every: 'day' }] })
  const states = [1, 2, 3].map(() => plimsoll.reserve(CALL)).map(({ state, error }) => error?.code ?? state)
  expect(states).toEqual(['granted', 'granted', 'wait-too-long'])
})

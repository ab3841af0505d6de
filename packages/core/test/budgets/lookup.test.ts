import type { BudgetConfig, BudgetHolder } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { MINUTE, outcomeOf, setUp, used } from '../support/set-up.ts'

const TARGETS = { 'openai/model': { limits: { rpm: 1_000_000 } } }
const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40, tenant: 'acme' } as const
const tokens = (amount: number): readonly BudgetConfig[] => [{ per: 'tenant', tokens: amount, every: 'day' }]

/** Plimsoll whose budgets come from a look-up that its test answers. */
function lookedUp(ttlMs = MINUTE) {
  const asked: BudgetHolder[] = []
  const answers: PromiseWithResolvers<readonly BudgetConfig[]>[] = []
  const at = setUp({
    targets: TARGETS,
    budgetsTtlMs: ttlMs,
    budgets: (holder) => {
      asked.push(holder)
      const answer = Promise.withResolvers<readonly BudgetConfig[]>()
      answers.push(answer)
      return answer.promise
    },
  })
  const granted = (count: number, more: object = {}) =>
    Array.from({ length: count }, () => at.plimsoll.reserve({ ...CALL, ...more }))
  return { ...at, asked, answers, granted }
}

const states = (tickets: readonly { state: string }[]) =>
  tickets.map(({ state }) => state).filter((state) => state === 'granted').length

describe('budgets that are looked up', () => {
  it('are waited for, once for all calls of a holder; nobody slips in before', async () => {
    const { clock, plimsoll, asked, answers, granted } = lookedUp()
    const tickets = granted(10, { user: 'u', plan: 'free', run: 'r', step: 's' })
    expect([states(tickets), plimsoll.state(), asked]).toEqual([
      0,
      { waiting: 10, reservations: 0 },
      [{ tenant: 'acme', user: 'u', plan: 'free' }],
    ])
    answers[0]!.resolve(tokens(300))
    await clock.advance(0)
    // The others wait for what those three may give back.
    expect([states(tickets), plimsoll.state()]).toEqual([3, { waiting: 7, reservations: 3 }])
  })

  it('are each holder’s own', async () => {
    const { clock, answers, granted } = lookedUp()
    const [one, other] = [granted(5), granted(5, { tenant: 'other' })]
    answers[1]!.resolve(tokens(400))
    answers[0]!.resolve(tokens(100))
    await clock.advance(0)
    expect([one, other].map(states)).toEqual([1, 4])
  })

  it('are asked for again after their time, and a budget that was raised is raised for what was used', async () => {
    const { clock, plimsoll, asked, answers, granted } = lookedUp()
    const first = granted(2)
    answers[0]!.resolve(tokens(200))
    await clock.advance(MINUTE - 1)
    for (const { reservation } of first) reservation!.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
    expect([states(granted(1)), asked.length]).toEqual([0, 1])
    await clock.advance(1)
    const second = granted(4)
    answers[1]!.resolve(tokens(500))
    await clock.advance(0)
    expect([states(second), asked.length]).toEqual([3, 2])
    const { limits } = await plimsoll.headroom('openai/model', { tenant: 'acme' })
    expect(limits.at(-1)).toMatchObject({ capacity: 500, available: 0 })
  })

  it('may be given at once', () => {
    const { plimsoll } = setUp({
      targets: TARGETS,
      budgets: ({ plan }) => tokens(plan === 'pro' ? 300 : 100),
    })
    const fit = (plan: string, tenant: string) =>
      states(Array.from({ length: 5 }, () => plimsoll.reserve({ ...CALL, plan, tenant })))
    expect([fit('pro', 'a'), fit('free', 'b')]).toEqual([3, 1])
  })

  it('let a caller leave, and keep to its deadline', async () => {
    const { clock, plimsoll, answers } = lookedUp()
    const controller = new AbortController()
    let sent = 0
    const fn = async () => {
      sent++
      return used(1, 1)
    }
    const leaving = outcomeOf(plimsoll.call({ ...CALL, signal: controller.signal }, fn))
    const late = outcomeOf(plimsoll.call({ ...CALL, deadlineMs: 500 }, fn))
    await clock.advance(0)
    controller.abort(new Error('left'))
    expect(await leaving).toBe('left')
    await clock.advance(500)
    expect(await late).toBe('deadline-exceeded')
    answers[0]!.resolve(tokens(300))
    await clock.advance(0)
    expect([sent, plimsoll.state()]).toEqual([0, { waiting: 0, reservations: 0 }])
  })
})

describe('a look-up that fails', () => {
  it.each([
    ['rejects', (answer: PromiseWithResolvers<readonly BudgetConfig[]>) => answer.reject(new Error('down'))],
    [
      'gives what is no budget',
      (answer: PromiseWithResolvers<readonly BudgetConfig[]>) => answer.resolve([{} as never]),
    ],
    ['never answers', () => {}],
  ])('lets nobody in where nothing was known: one that %s', async (_, fail) => {
    const { clock, plimsoll, answers, events } = lookedUp()
    const call = outcomeOf(plimsoll.call(CALL, async () => used(1, 1)))
    await clock.advance(0)
    fail(answers[0]!)
    await clock.advance(5_000)
    expect(await call).toBe('budgets-unavailable')
    expect(events.filter(({ type }) => type === 'budgets.failed')).toMatchObject([{ stale: false }])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('that throws is no other', async () => {
    const { plimsoll } = setUp({
      targets: TARGETS,
      budgets: () => {
        throw new Error('broken')
      },
    })
    expect(await outcomeOf(plimsoll.call(CALL, async () => 1))).toBe('budgets-unavailable')
    expect(await plimsoll.decide(CALL)).toMatchObject({
      kind: 'reject',
      reason: { code: 'budgets-unavailable' },
    })
  })

  it('leaves what was known in force, says so, and is not asked with every call', async () => {
    const { clock, asked, answers, events, granted } = lookedUp()
    granted(1)
    answers[0]!.resolve(tokens(300))
    await clock.advance(MINUTE)
    const tickets = granted(5)
    answers[1]!.reject(new Error('down'))
    await clock.advance(0)
    expect(states(tickets)).toBe(2)
    expect(events.filter(({ type }) => type === 'budgets.failed')).toMatchObject([{ stale: true }])
    granted(5)
    expect(asked).toHaveLength(2)
    await clock.advance(5_000)
    granted(1)
    expect(asked).toHaveLength(3)
  })
})

import { describe, expect, it } from 'vitest'
import { DAY, httpError, ONE_TRY, outcomeOf, setUp, used } from '../support/set-up.ts'

const ENTRY = { unit: 'tokens', amount: 1_000, perMs: DAY } as const
const CONFIG = {
  ...ONE_TRY,
  targets: { 'openai/model': { limits: { tpd: 10_000 } } },
  budgets: [{ per: 'tenant', limits: [ENTRY] }],
} as const
const CALL = { target: 'openai/model', inputTokens: 0, maxOutputTokens: 100 } as const

describe('case 6: what did not happen does not pin the counter', () => {
  it('tickets that are cancelled, granted or not, leave it as it was', async () => {
    const { plimsoll, left } = setUp(CONFIG)
    const tickets = Array.from({ length: 30 }, () => plimsoll.reserve(CALL))
    expect(tickets.filter(({ state }) => state === 'granted')).toHaveLength(10)
    for (const ticket of tickets) ticket.cancel()
    for (const ticket of tickets) ticket.cancel()
    expect(await left('openai/model', 'tokens')).toBe(10_000)
    expect(tickets.map(({ state }) => state)).not.toContain('queued')
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    expect(
      Array.from({ length: 11 }, () => plimsoll.reserve(CALL).state === 'granted').lastIndexOf(true),
    ).toBe(9)
  })

  it('calls that the provider answered with an error cost their budget nothing', async () => {
    const { plimsoll } = setUp(CONFIG)
    for (let call = 0; call < 20; call++) {
      const failing = plimsoll.call(CALL, async () => {
        throw httpError(500)
      })
      expect(await outcomeOf(failing)).toBe('status 500')
    }
    expect(plimsoll.reserve({ ...CALL, maxOutputTokens: 1_000 }).state).toBe('granted')
  })

  it('calls that never reached the provider cost its limit nothing either', async () => {
    const { plimsoll, left } = setUp(CONFIG)
    for (let call = 0; call < 20; call++) {
      const failing = plimsoll.call(CALL, async () => {
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      })
      await outcomeOf(failing)
    }
    expect(await left('openai/model', 'tokens')).toBe(10_000)
  })

  it('a reservation that is closed twice counts once', async () => {
    const { plimsoll, left } = setUp(CONFIG)
    const { reservation } = plimsoll.reserve(CALL)
    reservation!.settle({ inputTokens: 30, outputTokens: 20 }, 'exact')
    reservation!.settle({ inputTokens: 300, outputTokens: 200 }, 'exact')
    reservation!.cancel()
    reservation!.releaseSlots()
    // OpenAI keeps the `max_tokens` of 100, however short the answer was.
    expect(await left('openai/model', 'tokens')).toBe(9_870)
  })

  it('what is enforced is what is told, of calls whose connection broke too', async () => {
    const { plimsoll, records, left } = setUp({ ...ONE_TRY, targets: CONFIG.targets })
    for (let call = 1; call <= 20; call++) {
      const broken = Object.assign(new Error('broken'), { code: 'ECONNRESET' })
      await outcomeOf(
        plimsoll.call(CALL, async () => (call % 3 === 0 ? Promise.reject(broken) : used(call, 100))),
      )
    }
    const told = records().reduce(
      (sum, { usage }) => sum + (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0),
      0,
    )
    expect([told > 2_000, await left('openai/model', 'tokens')]).toEqual([true, 10_000 - told])
  })
})

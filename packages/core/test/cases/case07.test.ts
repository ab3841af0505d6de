import { expect, it } from 'vitest'
import { MINUTE, PATIENT, setUp } from '../support/set-up.ts'

it.each(['fixed-window', 'sliding-window'] as const)(
  'case 7: a refund that crosses the end of a %s credits nobody there',
  async (algorithm) => {
    const { clock, plimsoll } = setUp({
      ...PATIENT,
      leaseMs: 10 * MINUTE,
      targets: { 'groq/model': { limits: { rpm: 1_000 } } },
      budgets: [{ per: 'tenant', limits: [{ unit: 'tokens', amount: 1_000, perMs: MINUTE, algorithm }] }],
    })
    const reserve = (maxOutputTokens: number) => {
      const ticket = plimsoll.reserve({ target: 'groq/model', inputTokens: 0, maxOutputTokens })
      ticket.reservation?.acknowledge()
      return ticket
    }
    await clock.advance(1_000)
    const early = reserve(900)
    // Past the end of the window, and of the last slot of it.
    await clock.advance(2 * MINUTE)
    expect(reserve(1_000).state).toBe('granted')
    early.reservation!.settle({ inputTokens: 50, outputTokens: 50 }, 'exact')
    const late = reserve(100)
    expect(late.state).toBe('queued')
    await clock.advance(30_000)
    expect(late.state).toBe('queued')
    await clock.advance(MINUTE)
    expect(late.state).toBe('granted')
  },
)

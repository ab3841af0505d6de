import { expect, it } from 'vitest'
import { MINUTE, PATIENT, setUp } from '../support/set-up.ts'

it.each([
  // A debt of 2,000 and the 100 asked for, at 1,000 a minute.
  ['token-bucket', 2.1 * MINUTE],
  ['sliding-window', MINUTE],
] as const)(
  'case 10: an answer longer than was reserved is a debt of a %s, which others wait for',
  async (algorithm, waitMs) => {
    const limits = [{ unit: 'tokens', amount: 1_000, perMs: MINUTE, algorithm }] as const
    const { clock, plimsoll, left } = setUp({ ...PATIENT, targets: { 'groq/model': { limits } } })
    const call = { target: 'groq/model', inputTokens: 0, maxOutputTokens: 100 }
    plimsoll.reserve(call).reservation!.settle({ inputTokens: 100, outputTokens: 2_900 }, 'exact')
    expect(await left('groq/model', 'tokens')).toBe(-2_000)
    const ticket = plimsoll.reserve(call)
    expect(ticket.state).toBe('queued')
    await clock.advance(waitMs - 1)
    expect(ticket.state).toBe('queued')
    await clock.advance(MINUTE / 50)
    expect(ticket.state).toBe('granted')
  },
)

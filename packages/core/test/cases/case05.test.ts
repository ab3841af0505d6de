import { expect, it } from 'vitest'
import { MINUTE, setUp } from '../support/set-up.ts'

it.each(['token-bucket', 'fixed-window', 'sliding-window'] as const)(
  'case 5: usage that lands exactly on the limit of a %s admits not one more',
  (algorithm) => {
    const entry = { unit: 'tokens', amount: 1_000, perMs: MINUTE, algorithm } as const
    const { plimsoll } = setUp({
      targets: { 'groq/model': { limits: [entry] } },
      budgets: [{ per: 'tenant', limits: [entry] }],
    })
    const reserve = (maxOutputTokens: number) =>
      plimsoll.reserve({ target: 'groq/model', inputTokens: 0, maxOutputTokens, priority: 'high' })
    const tickets = Array.from({ length: 10 }, () => reserve(100))
    expect(tickets.every(({ state }) => state === 'granted')).toBe(true)
    expect(reserve(1).state).not.toBe('granted')
    for (const { reservation } of tickets) reservation!.settle({ inputTokens: 40, outputTokens: 60 }, 'exact')
    expect(reserve(1).state).not.toBe('granted')
  },
)

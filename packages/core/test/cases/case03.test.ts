import { describe, expect, it } from 'vitest'
import { setUp } from '../support/set-up.ts'

describe('case 3: the first requests of a tenant that nobody has met', () => {
  const config = {
    targets: { 'openai/model': { limits: { rpm: 1_000 } } },
    budgets: [{ per: 'tenant', rpm: 3 }],
  } as const

  it('are held to the budget although they come all at once', () => {
    const { plimsoll } = setUp(config)
    const states = Array.from(
      { length: 10 },
      () =>
        plimsoll.reserve({ target: 'openai/model', inputTokens: 1, maxOutputTokens: 1, tenant: 'unknown' })
          .state,
    )
    expect(states.filter((state) => state === 'granted')).toHaveLength(3)
  })

  it('without a tenant share one budget: to leave it out is no way around it', () => {
    const { plimsoll } = setUp(config)
    const reserve = (own: { tenant?: string }) =>
      plimsoll.reserve({ target: 'openai/model', inputTokens: 1, maxOutputTokens: 1, ...own }).state
    const states = [reserve({}), reserve({}), reserve({}), reserve({}), reserve({ tenant: 'other' })]
    expect(states.map((state) => state === 'granted')).toEqual([true, true, true, false, true])
  })
})

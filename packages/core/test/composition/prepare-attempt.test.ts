import { describe, expect, it } from 'vitest'
import { MINUTE, outcomeOf, setUp, used } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
const ONE_A_MINUTE = [{ unit: 'requests', amount: 1, perMs: MINUTE }] as const

describe('prepare and attempt', () => {
  it('a call that is refused while it is prepared holds nothing and is never sent', async () => {
    const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { rpm: 5 } } } })
    let sent = 0
    const call = plimsoll.call({ ...CALL, priority: 'urgent' as 'high' }, async () => sent++)
    expect([await outcomeOf(call), sent, await left('openai/model', 'requests')]).toEqual([
      'invalid-call',
      0,
      5,
    ])
  })
})

describe('`with` and budgets', () => {
  const config = {
    targets: { 'openai/model': { limits: { rpm: 1_000 } } },
    budgets: [{ per: 'tenant', limits: ONE_A_MINUTE }],
    queue: { maxWaitMs: 1 },
  } as const

  it('calls inside are charged to the tenant around them, the innermost first', async () => {
    const { plimsoll } = setUp(config)
    const call = (own: { tenant?: string } = {}) =>
      outcomeOf(plimsoll.call({ ...CALL, ...own }, async () => 'sent'))
    const outcomes = await plimsoll.with({ tenant: 'outer' }, async () => [
      await call(),
      await call(),
      await call({ tenant: 'own' }),
      await plimsoll.with({ tenant: 'inner' }, () => call()),
    ])
    expect(outcomes).toEqual(['sent', 'wait-too-long', 'sent', 'sent'])
    expect(await call()).toBe('sent')
  })

  it('tickets are too', () => {
    const { plimsoll } = setUp(config)
    const states = plimsoll.with({ tenant: 'a' }, () => [
      plimsoll.reserve(CALL).state,
      plimsoll.reserve(CALL).state,
    ])
    expect(states).toEqual(['granted', 'rejected'])
  })
})

describe('a rate limit and budgets', () => {
  const tooMany = Object.assign(new Error('too many'), { status: 429, headers: { 'retry-after': '1' } })

  it('a call that is turned back and tried again counts as one call, and its tokens once', async () => {
    const entry = { unit: 'tokens', amount: 100, perMs: 86_400_000 } as const
    const { clock, plimsoll } = setUp({
      targets: { 'openai/model': { limits: { rpm: 1_000 } } },
      budgets: [{ per: 'tenant', limits: [{ ...entry, unit: 'requests', amount: 2 }, entry] }],
    })
    let tries = 0
    const call = plimsoll.call({ ...CALL, maxOutputTokens: 49 }, async () => {
      if (++tries < 4) throw tooMany
      return used(1, 49)
    })
    await clock.advance(30_000)
    await call
    expect(tries).toBe(4)
    expect(plimsoll.reserve({ ...CALL, maxOutputTokens: 49 }).state).toBe('granted')
    expect(plimsoll.reserve({ ...CALL, inputTokens: 0, maxOutputTokens: 0 }).state).not.toBe('granted')
  })
})

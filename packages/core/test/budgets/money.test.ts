import { describe, expect, it } from 'vitest'
import type { BudgetConfig, PlimsollConfig } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { httpError, ONE_TRY, outcomeOf, setUp, used } from '../support/set-up.ts'

const PRICES = {
  'openai/gpt-5': { input: 1.25, output: 10, cacheRead: 0.125 },
  'openai/free': { input: 0, output: 0 },
}
const OPEN = { limits: { rpm: 1_000_000 } }
const TARGETS = { 'openai/gpt-5': OPEN, 'openai/free': OPEN }
const BUDGETS: readonly BudgetConfig[] = [{ per: 'tenant', usd: 1, every: 'month' }]
const CONFIG: PlimsollConfig = { targets: TARGETS, prices: PRICES, budgets: BUDGETS }
const CALL = { target: 'openai/gpt-5', inputTokens: 10_000, maxOutputTokens: 500 } as const

function cached(input: number, read: number, output: number) {
  return {
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      prompt_tokens_details: { cached_tokens: read },
    },
  }
}

describe('a budget in dollars', () => {
  const left = async ({ plimsoll }: ReturnType<typeof setUp>, tenant = 'default') => {
    const { limits } = await plimsoll.headroom('openai/gpt-5', { tenant })
    return limits.find(({ unit }) => unit === 'usd')!
  }

  it('holds what a call may cost, and is charged what it did, cache reads at their price', async () => {
    const at = setUp(CONFIG)
    const { plimsoll, records } = at
    let during = 0
    await plimsoll.call(CALL, async () => {
      during = (await left(at)).available
      return cached(10_000, 6_000, 500)
    })
    expect(during).toBeCloseTo(1 - 0.0175, 9)
    expect(await left(at)).toMatchObject({ capacity: 1, available: 1 - 0.01075 })
    expect(records()).toMatchObject([{ costUsd: 0.01075, wastedUsd: 0, priceId: 'openai/gpt-5' }])
  })

  it('is never overspent by calls that come all at once, and says when it begins anew', async () => {
    const { clock, plimsoll, records } = setUp(CONFIG)
    const calls = Array.from({ length: 100 }, () =>
      outcomeOf(
        plimsoll.call(CALL, async () => {
          await new Promise<void>((done) => clock.timer(1_000, done))
          return used(10_000, 500)
        }),
      ),
    )
    await clock.advance(2_000)
    const refused = (await Promise.all(calls)).filter((outcome) => outcome === 'wait-too-long')
    // Each comes to $0.0175: 57 of them fit.
    expect(refused).toHaveLength(43)
    const spent = records().reduce((sum, { costUsd }) => sum + costUsd!, 0)
    expect(spent).toBeCloseTo(57 * 0.0175, 9)
    const { error } = plimsoll.reserve(CALL)
    expect(error).toMatchObject({ code: 'wait-too-long', limit: 'budget:tenant=default:usd:month' })
    expect(error!.retryAfterMs).toBeGreaterThan(20 * 86_400_000)
  })

  it('counts what was paid for nothing, and tells it apart', async () => {
    const at = setUp({ ...CONFIG, ...ONE_TRY })
    const broken = Object.assign(new Error('broken'), { code: 'ECONNRESET' })
    await outcomeOf(at.plimsoll.call(CALL, () => Promise.reject(broken)))
    await outcomeOf(at.plimsoll.call(CALL, () => Promise.reject(httpError(500))))
    const { available } = await left(at)
    // Of the first nobody knows what it cost: it is settled as it was reserved. The second is not billed.
    const [first, second] = at.records()
    expect(first).toMatchObject({ estimated: true, attempts: 1 })
    expect(first!.costUsd).toBe(first!.wastedUsd)
    expect(first!.costUsd).toBeCloseTo(1 - available, 9)
    expect(second).toMatchObject({ costUsd: 0, wastedUsd: 0, estimated: false })
  })

  it('refuses at once a call that costs more than all of it, in dollars', () => {
    const { plimsoll } = setUp({
      ...CONFIG,
      budgets: [{ per: 'tenant', usd: 0.01, every: 'day' }],
    })
    const { error } = plimsoll.reserve(CALL)
    expect(error).toMatchObject({ code: 'too-large' })
    expect(error!.message).toContain('$0.0175 of the budget budget:tenant=default:usd:day')
    expect(error!.message).toContain('holds $0.0100')
  })

  it('holds up nobody but whom it is for', async () => {
    const { plimsoll, clock } = setUp({
      ...CONFIG,
      budgets: [{ per: 'tenant', usd: 0.02, every: 'second' }],
    })
    const poor = Array.from({ length: 3 }, () => plimsoll.reserve({ ...CALL, tenant: 'poor' }))
    expect(poor.map(({ state }) => state)).toEqual(['granted', 'queued', 'queued'])
    expect(plimsoll.reserve({ ...CALL, tenant: 'other' }).state).toBe('granted')
    await clock.advance(1_000)
    expect(poor.map(({ state }) => state)).toEqual(['granted', 'queued', 'queued'])
    poor[0]!.reservation!.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    await clock.advance(1_000)
    expect(poor.map(({ state }) => state)).toEqual(['granted', 'granted', 'queued'])
  })

  it('is charged by the service tier that the answer names', async () => {
    const { plimsoll, records } = setUp({
      ...CONFIG,
      prices: { 'openai/gpt-5': { input: 1.25, output: 10, multipliers: { flex: 0.5 } } },
      targets: { 'openai/gpt-5': OPEN },
    })
    await plimsoll.call(CALL, async () => 1, {
      usage: () => ({ inputTokens: 10_000, outputTokens: 500, serviceTier: 'flex' }),
    })
    expect(records()).toMatchObject([{ costUsd: 0.00875 }])
  })
})

describe('a price that nobody knows', () => {
  const unknown = { 'openai/other': OPEN }

  it('under a budget that counts money is refused when Plimsoll is made, where it is certain', () => {
    expect(() => createPlimsoll({ ...CONFIG, targets: unknown })).toThrow(
      'the price of `openai/other` is not known: add it to `prices`',
    )
    expect(() => createPlimsoll({ targets: unknown, budgets: BUDGETS })).toThrow('set `prices`')
    expect(() => createPlimsoll({ ...CONFIG, targets: unknown, onUnknownPrice: 'allow' })).not.toThrow()
    const ofAnother = [{ per: 'tenant', usd: 1, every: 'day', when: { target: 'openai/gpt-5' } }] as const
    expect(() => createPlimsoll({ ...CONFIG, targets: unknown, budgets: ofAnother })).not.toThrow()
  })

  it('else with the call, naming the mend', async () => {
    const { plimsoll, events } = setUp(CONFIG)
    const outcome = outcomeOf(plimsoll.call({ ...CALL, target: 'openai/unlisted' }, async () => used(1, 1)))
    expect(await outcome).toBe('unknown-price')
    expect(plimsoll.reserve({ ...CALL, target: 'openai/unlisted' }).error!.message).toContain(
      "add it to `prices`, or set `onUnknownPrice: 'allow'`",
    )
    expect(events.filter(({ type }) => type === 'price.unknown')).toMatchObject([
      { target: 'openai/unlisted' },
    ])
  })

  it('is let in where that is allowed, and its cost is not told as nothing', async () => {
    const { plimsoll, records } = setUp({ ...CONFIG, targets: unknown, onUnknownPrice: 'allow' })
    await plimsoll.call({ ...CALL, target: 'openai/other' }, async () => used(1, 1))
    expect(records()[0]).not.toHaveProperty('costUsd')
    expect(records()[0]).not.toHaveProperty('priceId')
  })
})

it('a source of prices is asked again after a minute: they change while a process runs', async () => {
  let input = 1
  const { clock, plimsoll, records } = setUp({
    targets: TARGETS,
    prices: () => ({ id: 'p', price: { input, output: 0 } }),
  })
  const cost = async () => {
    await plimsoll.call(CALL, async () => used(1_000_000, 0))
    return records().at(-1)!.costUsd
  }
  const before = await cost()
  input = 2
  const soon = await cost()
  await clock.advance(60_000)
  expect([before, soon, await cost()]).toEqual([1, 1, 2])
})

it('a service tier whose price nobody knows costs what was held for it, and that is not told as its cost', async () => {
  const { plimsoll, records } = setUp(CONFIG)
  await plimsoll.call(CALL, async () => 1, {
    usage: () => ({ inputTokens: 10, outputTokens: 5, serviceTier: 'priority' }),
  })
  const { limits } = await plimsoll.headroom('openai/gpt-5')
  expect(limits.at(-1)!.available).toBeCloseTo(1 - 0.0175, 9)
  expect(records()[0]).not.toHaveProperty('costUsd')
})

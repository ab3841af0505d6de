import { genaiPrices } from '@plimsoll/core/prices'
import { describe, expect, it } from 'vitest'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const known = { 'openai/gpt-5': { input: 1.25, output: 10 } }

describe('case 17: a price that nobody knows', () => {
  it('is no price of 0: the call has no cost, and that is said once', async () => {
    const { plimsoll, events, records } = setUp({ prices: known })
    for (let call = 0; call < 3; call++)
      await plimsoll.call({ target: 'openai/gpt-99', inputTokens: 10 }, async () => used(10, 5))
    for (const record of records()) {
      expect(record).not.toHaveProperty('costUsd')
      expect(record).not.toHaveProperty('wastedUsd')
      expect(record).not.toHaveProperty('priceId')
    }
    expect(events.filter(({ type }) => type === 'price.unknown')).toMatchObject([{ target: 'openai/gpt-99' }])
  })

  it.each(['openai/gpt-5-nano-2', 'anthropic/claude-haiku-4-5-turbo', 'my-openai-proxy/gpt-5'])(
    'is not the price of a model that %s only resembles',
    async (target) => {
      const { plimsoll, records } = setUp({ prices: genaiPrices() })
      await plimsoll.call({ target, inputTokens: 10 }, async () => used(10, 5))
      expect(records()[0]).not.toHaveProperty('costUsd')
    },
  )

  it('is no price of 0 for a budget either: the call is refused, unless it is let in', async () => {
    const config = { prices: known, budgets: [{ per: 'tenant', usd: 1, every: 'day' }] } as const
    const call = { target: 'openai/gpt-99', inputTokens: 10, maxOutputTokens: 5 }
    const refusing = setUp(config)
    expect(await outcomeOf(refusing.plimsoll.call(call, async () => used(10, 5)))).toBe('unknown-price')
    const allowing = setUp({ ...config, onUnknownPrice: 'allow' })
    expect(await outcomeOf(allowing.plimsoll.call(call, async () => used(10, 5)))).toEqual(used(10, 5))
  })

  it('is not left out of sight where others are known', async () => {
    const { plimsoll, records } = setUp({ prices: known })
    await plimsoll.call({ target: 'openai/gpt-5', inputTokens: 10 }, async () => used(1_000_000))
    await plimsoll.call({ target: 'openai/gpt-99', inputTokens: 10 }, async () => used(1_000_000))
    expect(records().map(({ costUsd }) => costUsd)).toEqual([1.25, undefined])
    // The report adds up what is known, and says what is missing.
    const { rows } = plimsoll.report({ by: 'target' })
    expect(rows.map(({ key, costUsd, unpriced }) => [key.target, costUsd, unpriced])).toEqual([
      ['openai/gpt-5', 1.25, 0],
      ['openai/gpt-99', undefined, 1],
    ])
    expect(plimsoll.report().rows).toMatchObject([{ requests: 2, costUsd: 1.25, unpriced: 1 }])
  })
})

import { describe, expect, it } from 'vitest'
import { costNanoUsd, costUsd, tablePrices } from './price.ts'
import type { Price } from './price.ts'

const GPT_5 = { input: 1.25, cacheRead: 0.125, output: 10 }
const CLAUDE = { input: 3, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6, output: 15 }

describe('what a call costs', () => {
  it('counts each token once: cached ones at their own price, the rest at the full one', () => {
    expect(costUsd(GPT_5, { inputTokens: 10_000, cacheReadTokens: 6_000, outputTokens: 500 })).toBe(0.01075)
  })

  it('takes cache writes out of the input, and those kept for an hour out of the writes', () => {
    const usage = { inputTokens: 10_000, cacheWriteTokens: 4_000, cacheWrite1hTokens: 1_000, outputTokens: 0 }
    // 6,000 x 3 + 3,000 x 3.75 + 1,000 x 6, a million of each
    expect(costUsd(CLAUDE, usage)).toBe(0.03525)
  })

  it('takes what has no price of its own for input', () => {
    const price = { input: 2, output: 4 }
    const usage = { inputTokens: 1_000, cacheReadTokens: 400, cacheWriteTokens: 500, cacheWrite1hTokens: 500 }
    expect(costNanoUsd(price, usage)).toBe(2_000_000)
    expect(costNanoUsd({ ...price, cacheWrite5m: 3 }, usage)).toBe(2_500_000)
  })

  it('never pays for fewer tokens than there were when more are said to be cached', () => {
    expect(costNanoUsd(GPT_5, { inputTokens: 1_000, cacheReadTokens: 6_000 })).toBe(125_000)
    expect(costNanoUsd(CLAUDE, { inputTokens: 10, cacheReadTokens: 10, cacheWriteTokens: 10 })).toBe(3_000)
  })

  it('is not known where the input is not, and is for an embedding, which has no output', () => {
    expect(costUsd(GPT_5, { outputTokens: 500 })).toBeUndefined()
    expect(costUsd(GPT_5, {})).toBeUndefined()
    expect(costUsd({ input: 0.02, output: 0 }, { inputTokens: 1_000_000 })).toBe(0.02)
  })

  it('is 0 for a free model, and nothing less', () => {
    expect(Object.is(costNanoUsd({ input: 0, output: 0 }, { inputTokens: 5, outputTokens: 5 }), 0)).toBe(true)
  })

  it('adds what a request costs beside its tokens', () => {
    const price = { input: 1, output: 1, perRequest: 0.012 }
    expect(costUsd(price, { inputTokens: 1_000, outputTokens: 1_000 })).toBe(0.014)
    expect(costUsd(price, { inputTokens: 0 })).toBe(0.012)
  })

  it('is rounded up to a billionth of a dollar, and not for the error of a sum', () => {
    expect(costNanoUsd({ input: 0.0001, output: 0 }, { inputTokens: 1 })).toBe(1)
    expect(costNanoUsd({ input: 0.1, output: 0.2 }, { inputTokens: 1, outputTokens: 1 })).toBe(300)
  })
})

describe('tiers', () => {
  const tiered: Price = {
    ...CLAUDE,
    tiers: [
      { above: 1_000_000, input: 9 },
      { above: 200_000, input: 6, output: 22.5 },
    ],
  }
  const cost = (inputTokens: number) => costUsd(tiered, { inputTokens, outputTokens: 1_000 })

  it('price the whole of a longer call', () => {
    expect(cost(200_000)).toBe(0.615)
    expect(cost(200_001)).toBe(1.222506)
  })

  it('take the highest that is reached, in whatever order they stand', () => {
    expect(cost(1_000_001)).toBe(9.015009)
  })

  it('may begin with the first token', () => {
    const price = { ...GPT_5, tiers: [{ above: 0, input: 2 }] }
    expect(costNanoUsd(price, { inputTokens: 1 })).toBe(2_000)
  })

  it('leave what they do not name as it was', () => {
    expect(costUsd(tiered, { inputTokens: 300_000, cacheReadTokens: 300_000 })).toBe(0.09)
  })
})

describe('service tiers', () => {
  const price: Price = { ...GPT_5, multipliers: { flex: 0.5, priority: 2 } }
  const cost = (serviceTier: string) =>
    costUsd(price, { inputTokens: 10_000, outputTokens: 500, serviceTier })

  it('multiply the whole, as the answer names them', () => {
    expect([cost('default'), cost('flex'), cost('priority')]).toEqual([0.0175, 0.00875, 0.035])
  })

  it('that are the usual ones cost what is listed', () => {
    expect(['default', 'standard', 'auto', 'on_demand'].map(cost)).toEqual([0.0175, 0.0175, 0.0175, 0.0175])
  })

  it('that nobody gave a price have none', () => {
    expect([cost('scale'), cost('constructor')]).toEqual([undefined, undefined])
    expect(costUsd(GPT_5, { inputTokens: 1, serviceTier: 'flex' })).toBeUndefined()
  })
})

describe('a table', () => {
  const prices = tablePrices({ 'azure-eu/gpt-5': GPT_5, 'gpt-5': CLAUDE })
  const of = (id: string, model: string) => prices({ id, provider: 'azure', model })

  it('goes by the target before the model', () => {
    expect(of('azure-eu/gpt-5', 'gpt-5')).toEqual({ id: 'azure-eu/gpt-5', price: GPT_5 })
    expect(of('openai/gpt-5', 'gpt-5')).toEqual({ id: 'gpt-5', price: CLAUDE })
  })

  it('does not know what is not in it', () => {
    expect(of('openai/gpt-5.9', 'gpt-5.9')).toBeUndefined()
    expect(of('x/constructor', 'constructor')).toBeUndefined()
  })
})

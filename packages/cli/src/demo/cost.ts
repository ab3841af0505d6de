import { costUsd } from '@plimsoll/core'
import { genaiPrices } from '@plimsoll/core/prices'
import type { SideResult } from './run-side.ts'

/** Public list prices, of OpenAI's own API. */
export const prices = genaiPrices()

/** Dollars that all calls came to; `null` where a model's price is not known. */
export function costOf({ stats, tally }: Pick<SideResult, 'stats' | 'tally'>): number | null {
  if (stats === undefined) {
    const [model] = tally.requestsByModel.keys()
    return model === undefined ? 0 : priceOf(model, tally)
  }
  let sum = 0
  for (const [model, counted] of Object.entries(stats.models)) {
    const { received, promptTokens, cachedTokens, completionTokens } = counted
    // Of the warm-up nothing is counted.
    if (received === 0) continue
    const cost = priceOf(model, {
      inputTokens: promptTokens,
      cacheReadTokens: cachedTokens,
      outputTokens: completionTokens,
    })
    if (cost === null) return null
    sum += cost
  }
  return sum
}

function priceOf(model: string, usage: Parameters<typeof costUsd>[1]): number | null {
  const match = prices({ id: `openai/${model}`, provider: 'openai', model })
  return (match && costUsd(match.price, usage)) ?? null
}

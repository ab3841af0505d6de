import { createPlimsoll } from '@plimsoll/core'
import { genaiPrices } from '@plimsoll/core/prices'

const plimsoll = createPlimsoll({
  // Prices of your own win, and fill in what the list does not have.
  prices: genaiPrices({ overrides: { 'azure/our-deployment': { input: 1.1, output: 8.8 } } }),
  onEvent: (event) => {
    if (event.type === 'call.finished') console.log(event.target, event.costUsd, event.priceId)
    if (event.type === 'price.unknown') console.warn(`Nobody knows what ${event.target} costs`)
  },
})
const answer = {
  usage: { prompt_tokens: 10_000, completion_tokens: 500, prompt_tokens_details: { cached_tokens: 6_000 } },
}

// $0.01075: 6,000 of the input were cached.
await plimsoll.call({ target: 'openai/gpt-5', inputTokens: 10_000 }, async () => answer)
await plimsoll.call({ target: 'azure/our-deployment', inputTokens: 10_000 }, async () => answer)
await plimsoll.call({ target: 'vllm/llama', inputTokens: 10_000 }, async () => answer)

import { createPlimsoll, toMetricEvent } from '@plimsoll/core'
import { genaiPrices } from '@plimsoll/core/prices'

const plimsoll = createPlimsoll({ prices: genaiPrices() })

// Every call as one flat event, for a warehouse or a log.
plimsoll.on((event) => {
  if (event.type === 'call.finished') console.log(JSON.stringify(toMetricEvent(event)))
})

for (const [tenant, feature] of [
  ['acme', 'search'],
  ['acme', 'answers'],
  ['globex', 'answers'],
] as const) {
  await plimsoll.call({ target: 'openai/gpt-5-mini', tenant, feature, inputTokens: 900 }, async () => ({
    usage: { input_tokens: 900, output_tokens: 60 },
  }))
}

// And added up, by whatever is asked for.
const { rows, queues } = plimsoll.report({ by: ['tenant', 'feature'], every: 'hour' })
for (const { key, requests, inputTokens, costUsd, latencyMs } of rows)
  console.log(key, { requests, inputTokens, costUsd, p95: latencyMs.total?.p95 })
console.log(queues)

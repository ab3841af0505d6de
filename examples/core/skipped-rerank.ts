import { setTimeout as sleep } from 'node:timers/promises'
import { createPlimsoll } from '@plimsoll/core'

// Ranking is nice to have: after 50 ms the answer is made of what was found as it was found.
const plimsoll = createPlimsoll({
  workflows: {
    support: {
      deadlineMs: 20_000,
      steps: { retrieval: { timeoutMs: 500 }, rerank: { timeoutMs: 50, optional: true } },
    },
  },
  onEvent: (event) => {
    if (event.type === 'step.degraded') console.log(event.step, event.reason)
    if (event.type === 'run.finished') console.log(event.latencyMs.steps, event.degraded)
  },
})
const answer = await plimsoll.workflow('support', { tenant: 'acme' }, async ({ step }) => {
  const found = await step('retrieval', async () => ['ships', 'boats'])
  const best = await step('rerank', { optional: true }, ({ signal }) =>
    sleep(10_000, found.toReversed(), { signal }),
  )
  return `By ${(best ?? found)[0]}`
})
console.log(answer)

import { createPlimsoll, PlimsollError } from '@plimsoll/core'

// A free plan may spend a cent a month; a run of a workflow, no more than 5,000 tokens.
const plimsoll = createPlimsoll({
  prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } },
  budgets: [
    { per: 'tenant', usd: 0.01, every: 'month', when: { plan: 'free' } },
    { per: 'run', tokens: 5_000 },
  ],
})
const ask = () =>
  plimsoll.call(
    { target: 'openai/gpt-5-mini', inputTokens: 1_000, maxOutputTokens: 1_000, tenant: 'acme', plan: 'free' },
    async () => ({ usage: { prompt_tokens: 1_000, completion_tokens: 800 } }),
  )

for (let month = 0; month < 10; month++) {
  try {
    await ask()
  } catch (error) {
    console.log(PlimsollError.find(error)?.code) // wait-too-long: the month is spent
    break
  }
}
const [row] = plimsoll.report({ by: 'tenant' }).rows
console.log(row?.key.tenant, row?.costUsd)

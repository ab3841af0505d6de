import { createPlimsoll, PlimsollError } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000 } } },
  // Each tenant has its own; one that has used it up holds up nobody else.
  budgets: [{ per: 'tenant', tpm: 10_000 }],
  queue: { maxWaitMs: 1_000 },
})
const call = (tenant: string, inputTokens: number) =>
  plimsoll.call(
    { target: 'openai/gpt-5-mini', tenant, inputTokens, maxOutputTokens: 100 },
    async () => 'an answer',
  )

await call('acme', 9_000)
try {
  await call('acme', 9_000)
} catch (error) {
  if (PlimsollError.isInstance(error)) console.log(error.code, error.retryAfterMs, error.limit)
}
console.log(await call('globex', 9_000))

import { describe, expect, it } from 'vitest'
import { setUp, used } from '../support/set-up.ts'

describe('case 18: a model that costs nothing', () => {
  it('is not held up by a budget that is spent', async () => {
    const { plimsoll, records } = setUp({
      targets: { 'openai/gpt-5': { limits: { rpm: 1_000 } }, 'ollama/free': { limits: { rpm: 1_000 } } },
      prices: { 'openai/gpt-5': { input: 1, output: 1 }, 'ollama/free': { input: 0, output: 0 } },
      budgets: [{ per: 'tenant', usd: 0.001, every: 'month' }],
    })
    const call = { inputTokens: 500, maxOutputTokens: 500 }
    // Spent, and overdrawn: the answer was longer than it was allowed to be.
    await plimsoll.call({ target: 'openai/gpt-5', ...call }, async () => used(500, 1_500))
    expect(plimsoll.reserve({ target: 'openai/gpt-5', ...call }).error).toMatchObject({
      code: 'wait-too-long',
    })
    await plimsoll.call({ target: 'ollama/free', ...call }, async () => used(500, 500))
    expect(records()).toMatchObject([{ costUsd: 0.002 }, { costUsd: 0, outcome: 'finished' }])
  })
})

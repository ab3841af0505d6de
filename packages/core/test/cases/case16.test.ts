import type { PriceTable, Prices, Usage } from '@plimsoll/core'
import { genaiPrices } from '@plimsoll/core/prices'
import { describe, expect, it } from 'vitest'
import { opened, parts, setUp, streamHost } from '../support/set-up.ts'

const GPT_5 = { input: 1.25, cacheRead: 0.125, output: 10 }
const CLAUDE = { input: 1, cacheRead: 0.1, cacheWrite5m: 1.25, cacheWrite1h: 2, output: 5 }

/** What a call that is answered with this comes to, at these prices. */
async function costOf(target: string, answer: unknown, prices: PriceTable | Prices) {
  const { plimsoll, records } = setUp({ prices })
  await plimsoll.call({ target, inputTokens: 10_000 }, async () => answer)
  const [{ costUsd, priceId } = {}] = records()
  return { costUsd, priceId }
}

async function costOfStream(target: string, usage: Usage, prices: PriceTable | Prices) {
  const { plimsoll, records } = setUp({ prices })
  const host = streamHost(() => parts({ content: true }, { content: true, usage, finish: 'stop' }))
  const { value, end } = await opened(plimsoll.execute({ host, request: {}, target }))
  while ((await value.next()).done !== true);
  await end
  return { costUsd: records()[0]?.costUsd }
}

const OPENAI = {
  usage: {
    prompt_tokens: 10_000,
    completion_tokens: 500,
    prompt_tokens_details: { cached_tokens: 6_000 },
  },
}

describe('case 16: what is in a cache is charged once', () => {
  it.each([
    ['a table by target', { 'openai/gpt-5': GPT_5 }, 'openai/gpt-5'],
    ['a table by model', { 'gpt-5': GPT_5 }, 'gpt-5'],
    ['genai-prices', genaiPrices(), 'openai/gpt-5'],
  ])('10,000 input of which 6,000 cached, and 500 output, are $0.01075 by %s', async (_, prices, priceId) => {
    expect(await costOf('openai/gpt-5', OPENAI, prices)).toEqual({ costUsd: 0.01075, priceId })
  })

  it.each([
    ['a table', { 'anthropic/claude-haiku-4-5': CLAUDE }],
    ['genai-prices', genaiPrices()],
  ])('writes too, though Anthropic leaves them out of the input, by %s', async (_, prices) => {
    const answer = {
      usage: {
        input_tokens: 1_000,
        output_tokens: 100,
        cache_creation_input_tokens: 4_000,
        cache_read_input_tokens: 5_000,
      },
    }
    // 1,000 x 1 + 4,000 x 1.25 + 5,000 x 0.1 + 100 x 5, a million of each
    expect(await costOf('anthropic/claude-haiku-4-5', answer, prices)).toMatchObject({ costUsd: 0.007 })
  })

  it.each([
    ['a table', { 'openai/gpt-5': GPT_5 }],
    ['genai-prices', genaiPrices()],
  ])('costs the same streamed as whole, by %s', async (_, prices) => {
    const usage = { inputTokens: 10_000, outputTokens: 500, cacheReadTokens: 6_000 }
    const whole = await costOf('openai/gpt-5', OPENAI, prices)
    expect(await costOfStream('openai/gpt-5', usage, prices)).toEqual({ costUsd: whole.costUsd })
  })

  it('and a budget is charged just that', async () => {
    const { plimsoll } = setUp({
      prices: { 'openai/gpt-5': GPT_5 },
      budgets: [{ per: 'tenant', usd: 0.02, every: 'day' }],
    })
    const call = { target: 'openai/gpt-5', inputTokens: 10_000, maxOutputTokens: 500 }
    await plimsoll.call(call, async () => OPENAI)
    // Of $0.02 there are $0.00925 left.
    const small = { target: 'openai/gpt-5', inputTokens: 0 }
    expect(plimsoll.reserve({ ...small, maxOutputTokens: 926 }).state).not.toBe('granted')
    expect(plimsoll.reserve({ ...small, maxOutputTokens: 925 }).state).toBe('granted')
  })
})

import { describe, expect, it } from 'vitest'
import { usageOf } from './usage-shapes.ts'

/** As each of them answers, shortened to what is about usage. */
const PAYLOADS: readonly [who: string, answer: unknown, usage: unknown][] = [
  [
    'OpenAI chat completions',
    {
      usage: {
        prompt_tokens: 2006,
        completion_tokens: 300,
        total_tokens: 2306,
        prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 64, accepted_prediction_tokens: 0 },
      },
      service_tier: 'flex',
    },
    {
      inputTokens: 2006,
      outputTokens: 300,
      cacheReadTokens: 1920,
      reasoningTokens: 64,
      serviceTier: 'flex',
    },
  ],
  [
    'OpenAI responses',
    {
      usage: {
        input_tokens: 81,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 1035,
        output_tokens_details: { reasoning_tokens: 832 },
        total_tokens: 1116,
      },
    },
    { inputTokens: 81, outputTokens: 1035, cacheReadTokens: 0, reasoningTokens: 832 },
  ],
  ['OpenAI embeddings', { usage: { prompt_tokens: 8, total_tokens: 8 } }, { inputTokens: 8 }],
  [
    'an OpenAI stream’s last event',
    {
      type: 'response.completed',
      response: { usage: { input_tokens: 5, output_tokens: 7 }, service_tier: 'priority' },
    },
    { inputTokens: 5, outputTokens: 7, serviceTier: 'priority' },
  ],
  [
    'Anthropic messages, which leaves the cache out of its input',
    {
      usage: {
        input_tokens: 21,
        cache_creation_input_tokens: 188,
        cache_read_input_tokens: 1000,
        cache_creation: { ephemeral_5m_input_tokens: 88, ephemeral_1h_input_tokens: 100 },
        output_tokens: 393,
        service_tier: 'standard',
      },
    },
    {
      inputTokens: 1209,
      outputTokens: 393,
      cacheReadTokens: 1000,
      cacheWriteTokens: 188,
      cacheWrite1hTokens: 100,
      serviceTier: 'standard',
    },
  ],
  [
    'Gemini, which reports its thoughts beside what it said',
    {
      usageMetadata: {
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        candidatesTokenCount: 10,
        thoughtsTokenCount: 30,
        totalTokenCount: 140,
      },
    },
    { inputTokens: 100, outputTokens: 40, cacheReadTokens: 40, reasoningTokens: 30 },
  ],
  [
    'Bedrock converse, which leaves the cache out of its input',
    {
      usage: {
        inputTokens: 10,
        outputTokens: 5,
        totalTokens: 35,
        cacheReadInputTokens: 20,
        cacheWriteInputTokens: 0,
      },
    },
    { inputTokens: 30, outputTokens: 5, cacheReadTokens: 20, cacheWriteTokens: 0 },
  ],
  [
    'AI SDK 5',
    {
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30, reasoningTokens: 5, cachedInputTokens: 4 },
    },
    { inputTokens: 10, outputTokens: 20, cacheReadTokens: 4, reasoningTokens: 5 },
  ],
  [
    'a language model of the AI SDK 6',
    {
      usage: {
        inputTokens: { total: 10, noCache: 6, cacheRead: 4, cacheWrite: 0 },
        outputTokens: { total: 20, text: 15, reasoning: 5 },
      },
    },
    { inputTokens: 10, outputTokens: 20, cacheReadTokens: 4, cacheWriteTokens: 0, reasoningTokens: 5 },
  ],
  ['an embedding of the AI SDK', { usage: { tokens: 12 } }, { inputTokens: 12 }],
  [
    'LangChain',
    {
      usage_metadata: {
        input_tokens: 10,
        output_tokens: 20,
        total_tokens: 30,
        input_token_details: { cache_read: 4, cache_creation: 2 },
        output_token_details: { reasoning: 5 },
      },
    },
    { inputTokens: 10, outputTokens: 20, cacheReadTokens: 4, cacheWriteTokens: 2, reasoningTokens: 5 },
  ],
  ['a usage by itself', { prompt_tokens: 1, completion_tokens: 2 }, { inputTokens: 1, outputTokens: 2 }],
]

describe('the usage of an answer', () => {
  it.each(PAYLOADS)('is read as %s has it', (_who, answer, usage) => {
    expect(usageOf(answer)).toEqual(usage)
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'the answer'],
    ['an answer without one', { choices: [] }],
    ['one without an input', { usage: { completion_tokens: 5 } }],
    ['one of no counts', { usage: { prompt_tokens: '5', completion_tokens: null } }],
    ['one that is negative', { usage: { prompt_tokens: -5, completion_tokens: 5 } }],
    ['a list', [1, 2]],
  ])('is not known of %s', (_what, answer) => {
    expect(usageOf(answer)).toBeUndefined()
  })
})

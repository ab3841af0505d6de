import { describe, expect, test } from 'vitest'
import { bedrock } from './bedrock.ts'
import { DAY, holds } from './expected.fixture.ts'

const THROTTLED = { status: 429, type: 'ThrottlingException' } as const

describe('Amazon Bedrock', () => {
  holds(bedrock, {
    names: [
      'amazon-bedrock',
      'amazon_bedrock',
      'bedrock.anthropic.messages',
      'aws.bedrock',
      'chat_bedrock_converse',
      'ChatBedrockConverse',
      'BedrockChat',
    ],
    scopes: [],
    headers: [['none', { 'x-amzn-requestid': '1' }, []]],
    errors: [
      ['limited', THROTTLED, { class: 'rate-limit', status: 429 }],
      ['limited in a stream', { type: 'ThrottlingException' }, { class: 'rate-limit' }],
      [
        'tokens',
        { ...THROTTLED, message: 'Too many tokens, please wait before trying again.' },
        { class: 'rate-limit', status: 429, exhausted: ['tokens'] },
      ],
      [
        'tokens of a day',
        { ...THROTTLED, message: 'Too many tokens per day, please wait before trying again.' },
        { class: 'rate-limit', status: 429, exhausted: ['tokens'], windowMs: DAY },
      ],
      [
        'requests',
        { ...THROTTLED, message: 'Too many requests, please wait before trying again.' },
        { class: 'rate-limit', status: 429, exhausted: ['requests'] },
      ],
      [
        'context',
        { status: 400, type: 'ValidationException', message: 'Input is too long for requested model.' },
        { class: 'context-overflow', status: 400 },
      ],
      [
        'no capacity',
        { status: 503, type: 'ServiceUnavailableException' },
        { class: 'overloaded', status: 503 },
      ],
      ['denied', { status: 403, type: 'AccessDeniedException' }, { class: 'auth', status: 403 }],
    ],
    charges: [
      {
        what: 'input and `max_tokens`; then input, and output of Claude five times',
        model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        call: [1_000, 500, 100],
        reserved: [1_500, 1_000, 500],
        used: [1_000, 400],
        settled: [3_000, 1_000, 400],
      },
      {
        what: 'less than was reserved, where little was generated',
        model: 'anthropic.claude-opus-4-1-20250805-v1:0',
        call: [1_000, 500, 100],
        reserved: [1_500, 1_000, 500],
        used: [1_000, 20],
        settled: [1_100, 1_000, 20],
      },
      {
        what: 'cache writes, and no cache reads',
        model: 'anthropic.claude-3-7-sonnet-20250219-v1:0',
        call: [1_000, 500, 100],
        reserved: [1_500, 1_000, 500],
        used: [1_000, 100, 700],
        settled: [800, 300, 100],
      },
      {
        what: 'the model’s maximum, where `max_tokens` is not set',
        model: 'global.anthropic.claude-haiku-4-5-20251001-v1:0',
        call: [1_000, undefined, 100],
        reserved: [65_000, 1_000, 64_000],
        used: [1_000, 100],
        settled: [1_500, 1_000, 100],
      },
      {
        what: 'a larger maximum of newer models',
        model: 'anthropic.claude-opus-4-6-v1',
        call: [1_000, undefined, 100],
        reserved: [129_000, 1_000, 128_000],
        used: [1_000, 100],
        settled: [1_500, 1_000, 100],
      },
      {
        what: 'what is likely, where its maximum is not known',
        model: 'amazon.nova-pro-v1:0',
        call: [1_000, undefined, 100],
        reserved: [1_100, 1_000, 100],
        used: [1_000, 100],
        settled: [1_100, 1_000, 100],
      },
    ],
  })

  test.each([
    ['anthropic.claude-v2:1', 1],
    ['anthropic.claude-instant-v1', 1],
    ['anthropic.claude-3-haiku-20240307-v1:0', 1],
    ['anthropic.claude-3-opus-20240229-v1:0', 1],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 1],
    ['anthropic.claude-3-5-haiku-20241022-v1:0', 1],
    ['anthropic.claude-3-7-sonnet-20250219-v1:0', 5],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 5],
    ['anthropic.claude-of-tomorrow', 5],
    ['amazon.nova-lite-v1:0', 1],
    ['meta.llama3-1-70b-instruct-v1:0', 1],
  ])('%s burns output down %s times', (model, burnDown) => {
    expect(bedrock.charges(model).burnDown).toBe(burnDown)
  })

  test.each([
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 64_000],
    ['anthropic.claude-opus-4-5-20251101-v1:0', 64_000],
    ['anthropic.claude-opus-4-8-v1', 128_000],
    ['anthropic.claude-sonnet-4-6', 128_000],
    ['anthropic.claude-opus-4-1-20250805-v1:0', undefined],
    ['anthropic.claude-sonnet-4-20250514-v1:0', undefined],
  ])('%s takes an unset `max_tokens` for %s', (model, most) => {
    expect(bedrock.charges(model).maxOutputTokens).toBe(most)
  })
})

import { describe, expect, test } from 'vitest'
import { azure } from './azure.ts'
import { holds, MINUTE, SECOND } from './expected.fixture.ts'

describe('Azure OpenAI', () => {
  holds(azure, {
    names: [
      'azure.chat',
      'azure.responses',
      'azure-openai.chat',
      'azure',
      'azure.ai.openai',
      'AzureChatOpenAI',
    ],
    scopes: [['tokens', MINUTE]],
    headers: [
      [
        'tokens of a minute, requests of ten seconds',
        {
          'x-ratelimit-limit-tokens': '20000',
          'x-ratelimit-remaining-tokens': '19913',
          'x-ratelimit-limit-requests': '120',
          'x-ratelimit-remaining-requests': '19',
        },
        [
          { unit: 'tokens', perMs: MINUTE, limit: 20_000, remaining: 19_913, assumed: true },
          { unit: 'requests', perMs: 10 * SECOND, remaining: 19 },
        ],
      ],
      [
        'when its minute ends, in seconds, which is a wait as well',
        { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '55' },
        [{ unit: 'tokens', perMs: MINUTE, remaining: 0, resetMs: 55 * SECOND, assumed: true }],
        55 * SECOND,
      ],
      ['a wait by another name', { 'x-rate-limit-reset-tokens': '55' }, [], 55 * SECOND],
      [
        'nothing, where it does not know',
        {
          'x-ratelimit-limit-tokens': '-1',
          'x-ratelimit-remaining-tokens': '-1',
          'x-ratelimit-reset-tokens': '0',
        },
        [],
      ],
      ['a wait', { 'retry-after-ms': '800', 'retry-after': '1' }, [], 800],
    ],
    errors: [
      [
        'tokens',
        {
          status: 429,
          code: '429',
          message: 'have exceeded token rate limit. Please retry after 6 seconds.',
        },
        { class: 'rate-limit', status: 429, retryAfterMs: 6_000, exhausted: ['tokens'] },
      ],
      [
        'calls',
        { status: 429, message: 'have exceeded call rate limit of your current pricing tier.' },
        { class: 'rate-limit', status: 429, exhausted: ['requests'] },
      ],
      [
        'requests, by its header, which is of a slice',
        { status: 429, headers: { 'x-ratelimit-remaining-requests': '0' } },
        { class: 'rate-limit', status: 429, exhausted: ['requests'], windowMs: 10 * SECOND },
      ],
      [
        'content filter',
        {
          status: 400,
          code: 'content_filter',
          message: "triggering Azure OpenAI's content management policy",
        },
        { class: 'content-filter', status: 400 },
      ],
      [
        'a ramp, as OpenAI has it',
        { status: 429, code: 'slow_down' },
        { class: 'rate-limit', status: 429, ramp: true },
      ],
    ],
    charges: [
      {
        what: 'the estimated prompt and `max_tokens`',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50],
        settled: [1_400, 1_000, 50],
      },
    ],
  })

  test('counts tokens in minutes that end for all at once, and requests in slices of ten seconds', () => {
    expect([
      azure.counting('tokens', MINUTE),
      azure.counting('requests', MINUTE),
      azure.counting('tokens', SECOND),
      azure.counting('requests', SECOND),
    ]).toEqual([
      { algorithm: 'fixed-window' },
      { algorithm: 'sliding-window', sliceMs: 10 * SECOND },
      { algorithm: 'sliding-window' },
      { algorithm: 'sliding-window' },
    ])
  })
})

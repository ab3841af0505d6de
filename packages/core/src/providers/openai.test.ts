import { describe, expect, test } from 'vitest'
import { holds, MINUTE, NOW } from './expected.fixture.ts'
import type { Expected } from './expected.fixture.ts'
import { openai } from './openai.ts'

const TPM =
  'Rate limit reached for gpt-5 in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000'
const RPM = 'Rate limit reached for gpt-5 on requests per min (RPM): Limit 3. Please try again in 20s.'
const RPD = 'Rate limit reached for gpt-5 on requests per day (RPD): Limit 200. Please try again in 7m12s.'
const LARGE =
  'Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced'
const QUOTA = [
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
]

const expected: Expected = {
  names: ['openai.chat', 'openai.responses', 'openai.embedding', 'OpenAI', 'ChatOpenAI', 'chat-openai'],
  scopes: [
    ['requests', MINUTE],
    ['tokens', MINUTE],
  ],
  headers: [
    [
      'both limits, and a wait',
      {
        'x-ratelimit-limit-requests': '5000',
        'x-ratelimit-remaining-requests': '4999',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-limit-tokens': '2000000',
        'x-ratelimit-remaining-tokens': '1999000',
        'x-ratelimit-reset-tokens': '6m0s',
        'retry-after': '2',
        'retry-after-ms': '1234',
      },
      [
        { unit: 'requests', perMs: MINUTE, limit: 5_000, remaining: 4_999, resetMs: 12, assumed: true },
        {
          unit: 'tokens',
          perMs: MINUTE,
          limit: 2_000_000,
          remaining: 1_999_000,
          resetMs: 360_000,
          assumed: true,
        },
      ],
      1_234,
    ],
    ['nothing but a reset', { 'x-ratelimit-reset-tokens': '1s' }, []],
    ['a limit of 0', { 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' }, []],
    ['garbage', { 'x-ratelimit-limit-tokens': 'many', 'x-ratelimit-remaining-tokens': '-1' }, []],
  ],
  errors: [
    [
      'tokens a minute',
      {
        status: 429,
        code: 'rate_limit_exceeded',
        type: 'tokens',
        message: TPM,
        headers: { 'retry-after': '90' },
      },
      {
        class: 'rate-limit',
        status: 429,
        retryAfterMs: 90_000,
        exhausted: ['tokens'],
        windowMs: MINUTE,
      },
    ],
    [
      'requests a minute, the wait only in the message',
      { status: 429, message: RPM },
      {
        class: 'rate-limit',
        status: 429,
        retryAfterMs: 20_000,
        exhausted: ['requests'],
        windowMs: MINUTE,
      },
    ],
    [
      'requests a day',
      { status: 429, message: RPD },
      {
        class: 'rate-limit',
        status: 429,
        retryAfterMs: 432_000,
        exhausted: ['requests'],
        windowMs: 86_400_000,
      },
    ],
    [
      'the limit named by the type alone',
      { status: 429, type: 'requests', message: 'Slow down' },
      { class: 'rate-limit', status: 429, exhausted: ['requests'] },
    ],
    [
      'the limit named by a header alone, whose window is only assumed',
      {
        status: 429,
        headers: { 'x-ratelimit-remaining-requests': '12', 'x-ratelimit-remaining-tokens': '0' },
      },
      { class: 'rate-limit', status: 429, exhausted: ['tokens'] },
    ],
    ['a ramp', { status: 429, code: 'slow_down' }, { class: 'rate-limit', status: 429, ramp: true }],
    [
      'a ramp, by its type, whatever limits it speaks of',
      { status: 429, type: 'Slow_Down', message: TPM, headers: { 'retry-after': '3' } },
      { class: 'rate-limit', status: 429, retryAfterMs: 3_000, ramp: true },
    ],
    [
      'what can never fit',
      { status: 429, code: 'rate_limit_exceeded', type: 'tokens', message: LARGE },
      { class: 'too-large', status: 429, exhausted: ['tokens'], windowMs: MINUTE },
    ],
    [
      'flex without capacity',
      { status: 429, message: 'Resource Unavailable' },
      { class: 'overloaded', status: 429 },
    ],
    ...QUOTA.map(
      (code) => [code, { status: 429, code, type: code }, { class: 'quota-exhausted', status: 429 }] as const,
    ),
    [
      'quota by type alone',
      { status: 429, type: 'insufficient_quota' },
      { class: 'quota-exhausted', status: 429 },
    ],
    [
      'context',
      { status: 400, code: 'context_length_exceeded', type: 'invalid_request_error' },
      { class: 'context-overflow', status: 400 },
    ],
    [
      'bad key',
      { status: 401, code: 'invalid_api_key', type: 'invalid_request_error' },
      { class: 'auth', status: 401 },
    ],
    ['no such model', { status: 404, code: 'model_not_found' }, { class: 'not-found', status: 404 }],
    ['server', { status: 500, type: 'server_error' }, { class: 'server', status: 500 }],
    ['overloaded', { status: 503, code: 'server_is_overloaded' }, { class: 'overloaded', status: 503 }],
    ['conflict', { status: 409 }, { class: 'timeout', status: 409 }],
    ['request timeout', { status: 408 }, { class: 'timeout', status: 408 }],
    ['inside a stream', { status: 200, type: 'server_error' }, { class: 'server', status: 200 }],
    [
      'inside a stream, limited',
      { code: 'rate_limit_exceeded', message: TPM },
      { class: 'rate-limit', exhausted: ['tokens'], windowMs: MINUTE },
    ],
  ],
  charges: [
    {
      what: 'prompt and `max_tokens`, and keeps them',
      call: [1_000, 400, 100],
      reserved: [1_400, 1_000, 400],
      used: [980, 50, 900],
      settled: [1_380, 980, 50],
    },
    {
      what: 'what is likely, where `max_tokens` is not set',
      call: [1_000, undefined, 100],
      reserved: [1_100, 1_000, 100],
      used: [1_000, 150],
      settled: [1_150, 1_000, 150],
    },
  ],
}

describe('OpenAI', () => {
  holds(openai, expected)

  test('counts in windows that slide', () => {
    expect(openai.counting('tokens', MINUTE)).toEqual({ algorithm: 'sliding-window' })
  })

  test('reads headers for errors as for answers', () => {
    expect(openai.classify({ status: 429, headers: { 'retry-after-ms': '7' } }, NOW).retryAfterMs).toBe(7)
  })
})

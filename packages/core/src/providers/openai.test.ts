import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import type { Failure } from '../call/outcome.ts'
import { azure, openai } from './openai.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')

test('headers', () => {
  const headers = {
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-reset-requests': '12ms',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-tokens': '1999000',
    'x-ratelimit-reset-tokens': '6m0s',
    'retry-after': '2',
    'retry-after-ms': '1234',
  }
  const told = {
    observations: [
      { unit: 'requests', perMs: 60_000, limit: 5_000, remaining: 4_999, resetMs: 12 },
      { unit: 'tokens', perMs: 60_000, limit: 2_000_000, remaining: 1_999_000, resetMs: 360_000 },
    ],
    retryAfterMs: 1_234,
  }
  expect(openai.headers(headers, NOW)).toEqual(told)
  expect(azure.headers(headers, NOW)).toEqual(told)
  expect(openai.headers({}, NOW)).toEqual({ observations: [] })
})

test.each([
  ['nothing but a reset', { 'x-ratelimit-reset-tokens': '1s' }],
  ['a limit of 0', { 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' }],
  ['garbage', { 'x-ratelimit-limit-tokens': 'many', 'x-ratelimit-remaining-tokens': '-1' }],
])('%s is no observation', (_, headers: Record<string, string>) => {
  expect(openai.headers(headers, NOW).observations).toEqual([])
})

const TPM =
  'Rate limit reached for gpt-5 in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000'
const RPM = 'Rate limit reached for gpt-5 on requests per min (RPM): Limit 3. Please try again in 20s.'
const LARGE =
  'Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced'

const CASES: readonly (readonly [string, ErrorFacts, Failure])[] = [
  [
    'tokens a minute',
    {
      status: 429,
      code: 'rate_limit_exceeded',
      type: 'tokens',
      message: TPM,
      headers: { 'retry-after': '90' },
    },
    { class: 'rate-limit', status: 429, retryAfterMs: 90_000, exhausted: ['tokens'] },
  ],
  [
    'requests a minute, the wait only in the message',
    { status: 429, message: RPM },
    { class: 'rate-limit', status: 429, retryAfterMs: 20_000, exhausted: ['requests'] },
  ],
  [
    'the limit named by the type alone',
    { status: 429, type: 'requests', message: 'Slow down' },
    { class: 'rate-limit', status: 429, exhausted: ['requests'] },
  ],
  [
    'the limit named by a header alone',
    {
      status: 429,
      headers: { 'x-ratelimit-remaining-requests': '12', 'x-ratelimit-remaining-tokens': '0' },
    },
    { class: 'rate-limit', status: 429, exhausted: ['tokens'] },
  ],
  ['a ramp', { status: 429, code: 'slow_down' }, { class: 'rate-limit', status: 429 }],
  ['too large', { status: 429, message: LARGE }, { class: 'too-large', status: 429, exhausted: ['tokens'] }],
  [
    'flex without capacity',
    { status: 429, message: 'Resource Unavailable' },
    { class: 'overloaded', status: 429 },
  ],
  ...[
    'insufficient_quota',
    'credit_balance_exhausted',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
    'billing_hard_limit_reached',
  ].map((code): [string, ErrorFacts, Failure] => [
    code,
    { status: 429, code, type: code },
    { class: 'quota-exhausted', status: 429 },
  ]),
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
    'Azure content filter',
    { status: 400, code: 'content_filter', message: "triggering Azure OpenAI's content management policy" },
    { class: 'content-filter', status: 400 },
  ],
  [
    'Azure tokens',
    { status: 429, code: '429', message: 'have exceeded token rate limit. Please retry after 6 seconds.' },
    { class: 'rate-limit', status: 429, retryAfterMs: 6_000, exhausted: ['tokens'] },
  ],
  [
    'Azure calls',
    { status: 429, message: 'have exceeded call rate limit of your current pricing tier.' },
    { class: 'rate-limit', status: 429, exhausted: ['requests'] },
  ],
  [
    'bad key',
    { status: 401, code: 'invalid_api_key', type: 'invalid_request_error' },
    { class: 'auth', status: 401 },
  ],
  ['no such model', { status: 404, code: 'model_not_found' }, { class: 'not-found', status: 404 }],
  ['server', { status: 500, type: 'server_error' }, { class: 'server', status: 500 }],
  ['gateway', { status: 502 }, { class: 'server', status: 502 }],
  ['overloaded', { status: 503, code: 'server_is_overloaded' }, { class: 'overloaded', status: 503 }],
  ['conflict', { status: 409 }, { class: 'timeout', status: 409 }],
  ['request timeout', { status: 408 }, { class: 'timeout', status: 408 }],
  ['inside a stream', { status: 200, type: 'server_error' }, { class: 'server', status: 200 }],
  [
    'inside a stream, limited',
    { code: 'rate_limit_exceeded', message: TPM },
    { class: 'rate-limit', exhausted: ['tokens'] },
  ],
]

describe('errors', () => {
  test.each(CASES)('%s', (_, facts, failure) => {
    expect(openai.classify(facts, NOW)).toEqual(failure)
  })
})

import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import type { Failure } from '../call/outcome.ts'
import { anthropic } from './anthropic.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')

function limit(name: string, remaining: number): Record<string, string> {
  return {
    [`anthropic-ratelimit-${name}-limit`]: '50000',
    [`anthropic-ratelimit-${name}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${name}-reset`]: '2026-11-23T06:05:30Z',
  }
}

function observed(unit: string, remaining: number) {
  return { unit, perMs: 60_000, limit: 50_000, remaining, resetMs: 30_000 }
}

test.each([
  [
    'each limit',
    { ...limit('requests', 40), ...limit('input-tokens', 1_000), ...limit('output-tokens', 2_000) },
    [observed('requests', 40), observed('input', 1_000), observed('output', 2_000)],
  ],
  [
    'not what repeats the most restrictive of them',
    { ...limit('tokens', 1_000), ...limit('input-tokens', 1_000) },
    [observed('input', 1_000)],
  ],
  [
    'tokens, where nothing finer is there',
    { ...limit('requests', 40), ...limit('tokens', 1_000) },
    [observed('requests', 40), observed('tokens', 1_000)],
  ],
  ['nothing', {}, []],
])('headers: %s', (_, headers, observations) => {
  expect(anthropic.headers(headers, NOW)).toEqual({ observations })
})

test('retry-after', () => {
  expect(anthropic.headers({ 'retry-after': '107' }, NOW)).toEqual({
    observations: [],
    retryAfterMs: 107_000,
  })
})

const ITPM =
  "This request would exceed your organization's rate limit of 40,000 input tokens per minute. Reduce the prompt length or the maximum tokens requested, or try again later."

const CASES: readonly (readonly [string, ErrorFacts, Failure])[] = [
  [
    'input tokens',
    { status: 429, type: 'rate_limit_error', message: ITPM, headers: { 'retry-after': '11' } },
    { class: 'rate-limit', status: 429, retryAfterMs: 11_000, exhausted: ['input'] },
  ],
  [
    'output tokens',
    { status: 429, message: 'would exceed the rate limit of 8,000 output tokens per minute' },
    { class: 'rate-limit', status: 429, exhausted: ['output'] },
  ],
  [
    'requests',
    { status: 429, message: 'would exceed your rate limit of 50 requests per minute' },
    { class: 'rate-limit', status: 429, exhausted: ['requests'] },
  ],
  [
    'by header',
    {
      status: 429,
      type: 'rate_limit_error',
      headers: { ...limit('input-tokens', 5), ...limit('output-tokens', 0) },
    },
    { class: 'rate-limit', status: 429, exhausted: ['output'] },
  ],
  ['spend', { status: 429, code: 'enforced_spend_limit_reached' }, { class: 'quota-exhausted', status: 429 }],
  [
    'usage limit',
    {
      status: 400,
      type: 'invalid_request_error',
      message: 'You have reached your specified API usage limits. You will regain access on 2026-12-01',
    },
    { class: 'quota-exhausted', status: 400 },
  ],
  [
    'credit',
    { status: 400, message: 'Your credit balance is too low to access the Anthropic API.' },
    { class: 'quota-exhausted', status: 400 },
  ],
  ['overloaded', { status: 529, type: 'overloaded_error' }, { class: 'overloaded', status: 529 }],
  ['overloaded in a stream', { type: 'overloaded_error', message: 'Overloaded' }, { class: 'overloaded' }],
  ['overloaded after a 200', { status: 200, type: 'overloaded_error' }, { class: 'overloaded', status: 200 }],
  ['its own fault', { status: 500, type: 'api_error' }, { class: 'server', status: 500 }],
  [
    'too many bytes',
    { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' },
    { class: 'too-large', status: 413 },
  ],
  [
    'context',
    {
      status: 400,
      type: 'invalid_request_error',
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
    },
    { class: 'context-overflow', status: 400 },
  ],
  [
    'context with the answer',
    { status: 400, message: 'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000' },
    { class: 'context-overflow', status: 400 },
  ],
  [
    'filtered',
    { status: 400, message: 'Output blocked by content filtering policy' },
    { class: 'content-filter', status: 400 },
  ],
  ['invalid', { status: 400, type: 'invalid_request_error' }, { class: 'invalid-request', status: 400 }],
  ['key', { status: 401, type: 'authentication_error' }, { class: 'auth', status: 401 }],
  ['forbidden', { status: 403, type: 'permission_error' }, { class: 'auth', status: 403 }],
  ['unknown model', { status: 404, type: 'not_found_error' }, { class: 'not-found', status: 404 }],
]

describe('errors', () => {
  test.each(CASES)('%s', (_, facts, failure) => {
    expect(anthropic.classify(facts, NOW)).toEqual(failure)
  })
})

import { describe, expect, test } from 'vitest'
import { anthropic } from './anthropic.ts'
import { holds, MINUTE } from './expected.fixture.ts'
import type { Unit } from './profile.ts'

function limit(name: string, remaining: number): Record<string, string> {
  return {
    [`anthropic-ratelimit-${name}-limit`]: '50000',
    [`anthropic-ratelimit-${name}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${name}-reset`]: '2026-11-23T06:05:30Z',
  }
}

function observed(unit: Unit, remaining: number) {
  return { unit, perMs: MINUTE, limit: 50_000, remaining, resetMs: 30_000 }
}

const ITPM =
  "This request would exceed your organization's rate limit of 40,000 input tokens per minute. Reduce the prompt length or the maximum tokens requested, or try again later."

describe('Anthropic', () => {
  holds(anthropic, {
    names: ['anthropic.messages', 'anthropic', 'claude', 'ChatAnthropic'],
    scopes: [
      ['requests', MINUTE],
      ['input', MINUTE],
      ['output', MINUTE],
      ['tokens', MINUTE],
    ],
    headers: [
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
        'nor that of output',
        { ...limit('tokens', 1_000), ...limit('output-tokens', 1_000) },
        [observed('output', 1_000)],
      ],
      [
        'tokens, where nothing finer is there',
        { ...limit('requests', 40), ...limit('tokens', 1_000) },
        [observed('requests', 40), observed('tokens', 1_000)],
      ],
      ['a wait', { 'retry-after': '107' }, [], 107_000],
    ],
    errors: [
      [
        'input tokens',
        { status: 429, type: 'rate_limit_error', message: ITPM, headers: { 'retry-after': '11' } },
        { class: 'rate-limit', status: 429, retryAfterMs: 11_000, exhausted: ['input'], windowMs: MINUTE },
      ],
      [
        'output tokens',
        { status: 429, message: 'would exceed the rate limit of 8,000 output tokens per minute' },
        { class: 'rate-limit', status: 429, exhausted: ['output'], windowMs: MINUTE },
      ],
      [
        'requests',
        { status: 429, message: 'would exceed your rate limit of 50 requests per minute' },
        { class: 'rate-limit', status: 429, exhausted: ['requests'], windowMs: MINUTE },
      ],
      [
        'by header',
        {
          status: 429,
          type: 'rate_limit_error',
          headers: { ...limit('input-tokens', 5), ...limit('output-tokens', 0) },
        },
        { class: 'rate-limit', status: 429, exhausted: ['output'], windowMs: MINUTE },
      ],
      [
        'spend',
        { status: 429, code: 'enforced_spend_limit_reached' },
        { class: 'quota-exhausted', status: 429 },
      ],
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
      [
        'overloaded in a stream',
        { type: 'overloaded_error', message: 'Overloaded' },
        { class: 'overloaded' },
      ],
      [
        'overloaded after a 200',
        { status: 200, type: 'overloaded_error' },
        { class: 'overloaded', status: 200 },
      ],
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
        {
          status: 400,
          message: 'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000',
        },
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
    ],
    charges: [
      {
        what: 'input, and output as it is generated, whatever `max_tokens` says',
        model: 'claude-haiku-4-5',
        call: [1_000, 4_096, 300],
        reserved: [1_300, 1_000, 300],
        used: [1_000, 500],
        settled: [1_500, 1_000, 500],
      },
      {
        what: 'no input that was read from the cache',
        model: 'claude-sonnet-4-5',
        call: [1_000, 100, 300],
        reserved: [1_100, 1_000, 100],
        used: [1_000, 50, 900],
        settled: [150, 100, 50],
      },
      ...['claude-3-5-haiku-20241022', 'claude-3.5-haiku', 'anthropic.claude-haiku-3-5'].map((model) => ({
        what: `all input of ${model}, cached or not`,
        model,
        call: [1_000, 100, 300] as const,
        reserved: [1_100, 1_000, 100] as const,
        used: [1_000, 50, 900] as const,
        settled: [1_050, 1_000, 50] as const,
      })),
    ],
  })

  test('refills continuously', () => {
    expect(anthropic.counting('input', MINUTE)).toEqual({ algorithm: 'token-bucket' })
  })
})

import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import type { Failure } from '../call/outcome.ts'
import { fireworks, generic, groq } from './generic.ts'
import { profileFor } from './profiles.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')

const CASES: readonly (readonly [string, ErrorFacts, Failure])[] = [
  [
    'Groq, too large',
    {
      status: 413,
      code: 'rate_limit_exceeded',
      message: 'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000',
    },
    { class: 'too-large', status: 413, exhausted: ['tokens'] },
  ],
  ['Groq, no capacity', { status: 498, code: 'capacity_exceeded' }, { class: 'overloaded', status: 498 }],
  [
    'Gemini, limited',
    {
      status: 429,
      type: 'RESOURCE_EXHAUSTED',
      message:
        'You exceeded your current quota, please check your plan and billing details. Please retry in 34.5s.',
    },
    { class: 'rate-limit', status: 429, retryAfterMs: 34_500 },
  ],
  ['Gemini, overloaded', { status: 503, type: 'UNAVAILABLE' }, { class: 'overloaded', status: 503 }],
  [
    'Gemini, key',
    { status: 400, type: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' },
    { class: 'auth', status: 400 },
  ],
  [
    'Gemini, context',
    {
      status: 400,
      message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
    },
    { class: 'context-overflow', status: 400 },
  ],
  ['Bedrock, limited', { status: 429, type: 'ThrottlingException' }, { class: 'rate-limit', status: 429 }],
  ['Bedrock, limited in a stream', { type: 'ThrottlingException' }, { class: 'rate-limit' }],
  [
    'Bedrock, context',
    { status: 400, type: 'ValidationException', message: 'Input is too long for requested model.' },
    { class: 'context-overflow', status: 400 },
  ],
  [
    'vLLM, context',
    {
      status: 400,
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000",
    },
    { class: 'context-overflow', status: 400 },
  ],
  [
    'out of money',
    { status: 402, message: 'Insufficient Balance' },
    { class: 'quota-exhausted', status: 402 },
  ],
  [
    'out of money for a while',
    { status: 402, headers: { 'retry-after': '5' } },
    { class: 'rate-limit', status: 402, retryAfterMs: 5_000 },
  ],
  ['Together, above its capacity', { status: 503 }, { class: 'overloaded', status: 503 }],
  ['unprocessable', { status: 422 }, { class: 'invalid-request', status: 422 }],
  [
    'an answer that cannot be read',
    { status: 200, message: 'Invalid JSON response' },
    { class: 'server', status: 200 },
  ],
  ['a redirect', { status: 302 }, { class: 'invalid-request', status: 302 }],
  ['refused', { systemCode: 'ECONNREFUSED' }, { class: 'network', neverSent: true }],
  ['no such host', { systemCode: 'ENOTFOUND' }, { class: 'network', neverSent: true }],
  ['no connection in time', { systemCode: 'UND_ERR_CONNECT_TIMEOUT' }, { class: 'network', neverSent: true }],
  ['reset', { systemCode: 'ECONNRESET' }, { class: 'network' }],
  ['closed midway', { systemCode: 'UND_ERR_SOCKET' }, { class: 'network' }],
  ['no headers in time', { systemCode: 'UND_ERR_HEADERS_TIMEOUT' }, { class: 'timeout' }],
  ['a timer of ours', { timeout: true, message: 'The operation timed out' }, { class: 'timeout' }],
  ['an abort that speaks of a timeout', { aborted: true, message: 'timeout of 5 s' }, { class: 'aborted' }],
  ['an abort after a status', { aborted: true, status: 500 }, { class: 'aborted', status: 500 }],
  [
    'a mistake in code',
    { message: "Cannot read properties of undefined (reading 'rate limit 429')" },
    { class: 'invalid-request' },
  ],
  ['nothing at all', {}, { class: 'invalid-request' }],
]

describe('errors', () => {
  test.each(CASES)('%s', (_, facts, failure) => {
    expect(generic.classify(facts, NOW)).toEqual(failure)
  })
})

test('headers in other windows than a minute', () => {
  const headers = { 'x-ratelimit-limit-requests': '14400', 'x-ratelimit-limit-tokens': '6000' }
  const windows = [generic, groq, fireworks].map((profile) =>
    profile.headers(headers, NOW).observations.map(({ perMs }) => perMs),
  )
  expect(windows).toEqual([
    [60_000, 60_000],
    [86_400_000, 60_000],
    [60_000, 1_000],
  ])
})

test('a provider nobody knows is a generic one', () => {
  expect(profileFor('openai').id).toBe('openai')
  expect(profileFor('azure').id).toBe('azure')
  expect(profileFor('anthropic').id).toBe('anthropic')
  expect(profileFor('groq').id).toBe('groq')
  expect(profileFor('my-vllm').id).toBe('generic')
  expect(profileFor('__proto__').id).toBe('generic')
})

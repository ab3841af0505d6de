import { describe, expect, test } from 'vitest'
import { DAY, holds, MINUTE } from './expected.fixture.ts'
import { groq } from './groq.ts'

const HEADERS = {
  'x-ratelimit-limit-requests': '14400',
  'x-ratelimit-remaining-requests': '14370',
  'x-ratelimit-reset-requests': '2m59.56s',
  'x-ratelimit-limit-tokens': '18000',
  'x-ratelimit-remaining-tokens': '17997',
  'x-ratelimit-reset-tokens': '7.66s',
}

describe('Groq', () => {
  holds(groq, {
    names: ['groq.chat', 'groq', 'Groq', 'ChatGroq'],
    scopes: [
      ['requests', DAY],
      ['tokens', MINUTE],
    ],
    headers: [
      [
        'requests are of a day, tokens of a minute',
        HEADERS,
        [
          { unit: 'requests', perMs: DAY, limit: 14_400, remaining: 14_370, resetMs: 179_560 },
          { unit: 'tokens', perMs: MINUTE, limit: 18_000, remaining: 17_997, resetMs: 7_660 },
        ],
      ],
      ['a wait', { 'retry-after': '2' }, [], 2_000],
    ],
    errors: [
      [
        'tokens a minute',
        {
          status: 429,
          code: 'rate_limit_exceeded',
          type: 'tokens',
          message:
            'Rate limit reached for model `m` in organization `o` service tier `on_demand` on tokens per minute (TPM): Limit 15000, Used 11972, Requested 4351. Please try again in 5.289s.',
        },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: 5_289,
          exhausted: ['tokens'],
          windowMs: MINUTE,
        },
      ],
      [
        'requests a minute, of which no header tells',
        { status: 429, headers: HEADERS, message: 'on requests per minute (RPM): Limit 30, Used 30' },
        { class: 'rate-limit', status: 429, exhausted: ['requests'], windowMs: MINUTE },
      ],
      [
        'tokens a day',
        { status: 429, message: 'on tokens per day (TPD): Limit 100000. Please try again in 14m3.5s.' },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: 843_500,
          exhausted: ['tokens'],
          windowMs: DAY,
        },
      ],
      [
        'requests a day, by header',
        { status: 429, headers: { ...HEADERS, 'x-ratelimit-remaining-requests': '0' } },
        { class: 'rate-limit', status: 429, exhausted: ['requests'], windowMs: DAY },
      ],
      [
        'too large',
        {
          status: 413,
          code: 'rate_limit_exceeded',
          message: 'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000',
        },
        { class: 'too-large', status: 413, exhausted: ['tokens'], windowMs: MINUTE },
      ],
      ['no capacity', { status: 498, code: 'capacity_exceeded' }, { class: 'overloaded', status: 498 }],
    ],
    charges: [
      {
        what: 'cached tokens first, which are given back',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50, 800],
        settled: [250, 200, 50],
      },
    ],
  })

  test('refills what its headers tell of continuously; of the rest nobody says', () => {
    expect([
      groq.counting('requests', DAY),
      groq.counting('tokens', MINUTE),
      groq.counting('requests', MINUTE),
      groq.counting('tokens', DAY),
    ]).toEqual([
      { algorithm: 'token-bucket' },
      { algorithm: 'token-bucket' },
      { algorithm: 'sliding-window' },
      { algorithm: 'sliding-window' },
    ])
  })
})

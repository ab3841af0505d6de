import { describe, expect, test } from 'vitest'
import { DAY, holds, MINUTE, SECOND } from './expected.fixture.ts'
import { mistral } from './mistral.ts'

const MONTH = 31 * DAY

describe('Mistral', () => {
  holds(mistral, {
    names: ['mistral.chat', 'mistral', 'mistralai', 'mistral_ai', 'ChatMistralAI'],
    scopes: [
      ['tokens', MINUTE],
      ['tokens', MONTH],
      ['requests', MINUTE],
    ],
    headers: [
      [
        'tokens of a minute and of a month',
        {
          'x-ratelimitbysize-limit-minute': '500000',
          'x-ratelimitbysize-remaining-minute': '499000',
          'x-ratelimitbysize-limit-month': '1000000000',
          'x-ratelimitbysize-remaining-month': '999000000',
        },
        [
          { unit: 'tokens', perMs: MINUTE, limit: 500_000, remaining: 499_000 },
          { unit: 'tokens', perMs: MONTH, limit: 1_000_000_000, remaining: 999_000_000 },
        ],
      ],
      [
        'by the names that are newer',
        {
          'x-ratelimit-limit-tokens-minute': '5000000',
          'x-ratelimit-remaining-tokens-minute': '4999911',
          'x-ratelimit-tokens-query-cost': '52',
          'x-ratelimit-limit-req-minute': '720',
          'x-ratelimit-remaining-req-minute': '717',
        },
        [
          { unit: 'tokens', perMs: MINUTE, limit: 5_000_000, remaining: 4_999_911 },
          { unit: 'requests', perMs: MINUTE, limit: 720, remaining: 717 },
        ],
      ],
    ],
    errors: [
      [
        'limited, tokens of a month by header',
        { status: 429, headers: { 'x-ratelimitbysize-remaining-month': '0' } },
        { class: 'rate-limit', status: 429, exhausted: ['tokens'], windowMs: MONTH },
      ],
      [
        'limited',
        { status: 429, message: 'Requests rate limit exceeded' },
        { class: 'rate-limit', status: 429 },
      ],
    ],
    charges: [
      {
        what: 'input and output as they were',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50, 800],
        settled: [1_050, 1_000, 50],
      },
    ],
  })

  test('counts months by the calendar, and requests of a minute by the second', () => {
    expect([
      mistral.counting('tokens', MONTH),
      mistral.counting('requests', MINUTE),
      mistral.counting('tokens', MINUTE),
      mistral.counting('requests', SECOND),
    ]).toEqual([
      { algorithm: 'quota', calendar: { every: 'month', timeZone: 'UTC' } },
      { algorithm: 'sliding-window', sliceMs: SECOND },
      { algorithm: 'sliding-window' },
      { algorithm: 'sliding-window' },
    ])
  })
})

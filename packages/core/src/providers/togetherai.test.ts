import { describe } from 'vitest'
import { holds, SECOND } from './expected.fixture.ts'
import { togetherai } from './togetherai.ts'

describe('Together AI', () => {
  holds(togetherai, {
    names: ['togetherai.chat', 'together', 'together_ai', 'ChatTogetherAI'],
    scopes: [
      ['requests', SECOND],
      ['tokens', SECOND],
    ],
    headers: [
      [
        'limits of a second',
        {
          'x-ratelimit-limit': '10',
          'x-ratelimit-remaining': '9',
          'x-ratelimit-reset': '1',
          'x-tokenlimit-limit': '3000',
          'x-tokenlimit-remaining': '2500',
        },
        [
          { unit: 'requests', perMs: SECOND, limit: 10, remaining: 9, resetMs: 1_000 },
          { unit: 'tokens', perMs: SECOND, limit: 3_000, remaining: 2_500 },
        ],
      ],
    ],
    errors: [
      ['above its rate', { status: 429 }, { class: 'rate-limit', status: 429 }],
      ['below its rate', { status: 503 }, { class: 'overloaded', status: 503 }],
    ],
    charges: [
      {
        what: 'what was used',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50],
        settled: [1_050, 1_000, 50],
      },
    ],
  })
})

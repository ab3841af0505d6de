import { describe } from 'vitest'
import { DAY, holds, MINUTE, NOW } from './expected.fixture.ts'
import { openrouter } from './openrouter.ts'

describe('OpenRouter', () => {
  holds(openrouter, {
    names: ['openrouter', 'openrouter.chat', 'OpenRouter', 'ChatOpenRouter'],
    scopes: [],
    headers: [
      [
        'a wait, and no limit, whose window only the message tells',
        {
          'x-ratelimit-limit': '20',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(NOW + 12_000),
        },
        [],
        12_000,
      ],
    ],
    errors: [
      [
        'free models, of a minute',
        {
          status: 429,
          message: 'Rate limit exceeded: free-models-per-min. ',
          headers: { 'x-ratelimit-reset': String(NOW + 12_000) },
        },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: 12_000,
          exhausted: ['requests'],
          windowMs: MINUTE,
        },
      ],
      [
        'free models, of a day',
        {
          status: 429,
          message:
            'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
        },
        { class: 'rate-limit', status: 429, exhausted: ['requests'], windowMs: DAY },
      ],
      [
        'of the model’s own house',
        { status: 429, message: 'm is temporarily rate-limited upstream' },
        { class: 'rate-limit', status: 429 },
      ],
      [
        'credits',
        { status: 402, message: 'This request requires more credits' },
        { class: 'quota-exhausted', status: 402 },
      ],
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

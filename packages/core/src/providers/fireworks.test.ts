import { describe } from 'vitest'
import { holds, SECOND } from './expected.fixture.ts'
import { fireworks } from './fireworks.ts'

describe('Fireworks', () => {
  holds(fireworks, {
    names: ['fireworks.chat', 'fireworks', 'fireworks-ai', 'ChatFireworks'],
    scopes: [
      ['tokens', SECOND],
      ['input', SECOND],
      ['output', SECOND],
    ],
    headers: [
      [
        'prompts, what of them was not cached, and what was generated, of a second',
        {
          'x-ratelimit-limit-tokens-prompt': '360000',
          'x-ratelimit-remaining-tokens-prompt': '359000',
          'x-ratelimit-limit-tokens-cache-adjusted-prompt': '90000',
          'x-ratelimit-limit-tokens-generated': '3600',
          'x-ratelimit-remaining-tokens-generated': '3500',
        },
        [
          { unit: 'tokens', perMs: SECOND, limit: 360_000, remaining: 359_000 },
          { unit: 'input', perMs: SECOND, limit: 90_000 },
          { unit: 'output', perMs: SECOND, limit: 3_600, remaining: 3_500 },
        ],
      ],
    ],
    errors: [
      [
        'generated tokens, by header',
        { status: 429, headers: { 'x-ratelimit-remaining-tokens-generated': '0' } },
        { class: 'rate-limit', status: 429, exhausted: ['output'], windowMs: SECOND },
      ],
    ],
    charges: [
      {
        what: 'prompts whole, uncached input, and output',
        call: [1_000, 400, 100],
        reserved: [1_000, 1_000, 400],
        used: [1_000, 50, 800],
        settled: [1_000, 200, 50],
      },
    ],
  })
})

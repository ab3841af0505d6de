import { describe, expect, test } from 'vitest'
import { holds, MINUTE, SECOND } from './expected.fixture.ts'
import { xai } from './xai.ts'

describe('xAI', () => {
  holds(xai, {
    names: ['xai.chat', 'xai.responses', 'x_ai', 'xai', 'ChatXAI', 'grok'],
    scopes: [['tokens', MINUTE]],
    headers: [
      [
        'tokens of a minute, without a reset; what requests are of is not known',
        {
          'x-ratelimit-limit-requests': '480',
          'x-ratelimit-remaining-requests': '479',
          'x-ratelimit-limit-tokens': '4000000',
          'x-ratelimit-remaining-tokens': '3999000',
          'x-ratelimit-reset-tokens': '12ms',
        },
        [{ unit: 'tokens', perMs: MINUTE, limit: 4_000_000, remaining: 3_999_000, assumed: true }],
      ],
    ],
    errors: [
      [
        'limited',
        { status: 429, type: 'rate_limit_error', message: 'Rate limit exceeded' },
        { class: 'rate-limit', status: 429 },
      ],
    ],
    charges: [
      {
        what: 'prompt, completion, and what was cached',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50, 900],
        settled: [1_050, 1_000, 50],
      },
    ],
  })

  test('lets requests of a minute through by the second', () => {
    expect([xai.counting('requests', MINUTE), xai.counting('tokens', MINUTE)]).toEqual([
      { algorithm: 'sliding-window', sliceMs: SECOND },
      { algorithm: 'sliding-window' },
    ])
  })
})

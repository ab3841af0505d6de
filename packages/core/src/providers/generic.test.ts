import { describe } from 'vitest'
import { holds, MINUTE } from './expected.fixture.ts'
import { generic } from './generic.ts'

describe('whoever else', () => {
  holds(generic, {
    names: ['generic'],
    scopes: [
      ['requests', MINUTE],
      ['tokens', MINUTE],
    ],
    headers: [
      [
        'as OpenAI has them, whatever their window',
        { 'x-ratelimit-limit-requests': '14400', 'x-ratelimit-limit-tokens': '6000' },
        [
          { unit: 'requests', perMs: MINUTE, limit: 14_400, assumed: true },
          { unit: 'tokens', perMs: MINUTE, limit: 6_000, assumed: true },
        ],
      ],
    ],
    errors: [
      [
        'context, as vLLM has it',
        {
          status: 400,
          message: "This model's maximum context length is 4096 tokens. However, you requested 5000",
        },
        { class: 'context-overflow', status: 400 },
      ],
    ],
    charges: [
      {
        what: 'what may be used, and then what was',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50, 900],
        settled: [1_050, 1_000, 50],
      },
    ],
  })
})

import { describe } from 'vitest'
import { cohere } from './cohere.ts'
import { holds, NOW } from './expected.fixture.ts'

const IN_12_S = String((NOW + 12_000) / 1_000)

describe('Cohere', () => {
  holds(cohere, {
    names: ['cohere.chat', 'cohere', 'cohere.textEmbedding', 'ChatCohere'],
    scopes: [],
    headers: [
      ['a wait, by its reset', { 'x-ratelimit-reset': IN_12_S }, [], 12_000],
      ['a wait, by what comes first', { 'retry-after': '3', 'x-ratelimit-reset': IN_12_S }, [], 3_000],
    ],
    errors: [
      [
        'limited',
        { status: 429, headers: { 'x-ratelimit-reset': IN_12_S } },
        { class: 'rate-limit', status: 429, retryAfterMs: 12_000 },
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

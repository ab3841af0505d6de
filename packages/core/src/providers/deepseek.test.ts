import { describe, expect, test } from 'vitest'
import { deepseek } from './deepseek.ts'
import { holds } from './expected.fixture.ts'

describe('DeepSeek', () => {
  holds(deepseek, {
    names: ['deepseek.chat', 'deepseek', 'ChatDeepSeek'],
    scopes: [],
    headers: [['none are its own', { 'x-ratelimit-limit-requests': '10' }, []]],
    errors: [
      ['too many at once', { status: 429 }, { class: 'rate-limit', status: 429 }],
      [
        'out of money',
        { status: 402, message: 'Insufficient Balance' },
        { class: 'quota-exhausted', status: 402 },
      ],
      ['overloaded', { status: 503 }, { class: 'overloaded', status: 503 }],
    ],
    charges: [
      {
        what: 'what was used, where a limit on tokens is configured all the same',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50],
        settled: [1_050, 1_000, 50],
      },
    ],
  })

  test('counts calls at once', () => {
    expect(deepseek.charging).toBe('slot')
  })
})

import { describe, expect, it } from 'vitest'
import { addUsage, cleanUsage, isKnown, tokenCount } from './usage.ts'

describe('usage', () => {
  it('is known when its input is: an embedding has no output', () => {
    expect([{ inputTokens: 0 }, { inputTokens: 5 }, { outputTokens: 5 }, {}, undefined].map(isKnown)).toEqual(
      [true, true, false, false, false],
    )
  })

  it('is without what is no count, and without what is none of its fields', () => {
    const reported = {
      inputTokens: 5,
      outputTokens: Number.NaN,
      cacheReadTokens: -1,
      reasoningTokens: Infinity,
      other: 5,
    }
    expect(cleanUsage(reported)).toEqual({ inputTokens: 5 })
  })

  it('adds up field by field, and keeps what only one of two knows', () => {
    const sum = addUsage({ inputTokens: 5, outputTokens: 1 }, { inputTokens: 7, cacheReadTokens: 3 })
    expect(sum).toEqual({ inputTokens: 12, outputTokens: 1, cacheReadTokens: 3 })
    expect(addUsage({}, {})).toEqual({})
  })

  it('counts in numbers that are finite and not negative', () => {
    expect([0, 1.5, -1, Number.NaN, Infinity, '5', null, undefined].map(tokenCount)).toEqual([
      0,
      1.5,
      ...Array.from({ length: 6 }, () => undefined),
    ])
  })
})

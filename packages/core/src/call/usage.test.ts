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

  it('leaves out what is not known, in place of writing that it is not', () => {
    expect(Object.keys(cleanUsage({ inputTokens: 5 }))).toEqual(['inputTokens'])
    expect(Object.keys(addUsage({ inputTokens: 5 }, {}))).toEqual(['inputTokens'])
  })

  it('has a service tier that is a word, and no longer than one', () => {
    expect(cleanUsage({ serviceTier: 'flex' })).toEqual({ serviceTier: 'flex' })
    expect(cleanUsage({ serviceTier: 'x'.repeat(100) })).toEqual({ serviceTier: 'x'.repeat(64) })
    for (const serviceTier of ['', 5, null, {}])
      expect(cleanUsage({ serviceTier } as { serviceTier: string })).toEqual({})
  })

  it.each([
    ['flex', 'flex', 'flex'],
    ['flex', undefined, 'flex'],
    [undefined, 'flex', 'flex'],
    ['flex', 'batch', undefined],
    [undefined, undefined, undefined],
  ])('of the tiers %s and %s together: %s', (one, other, expected) => {
    const of = (serviceTier: string | undefined) => (serviceTier === undefined ? {} : { serviceTier })
    expect(addUsage(of(one), of(other))).toEqual(of(expected))
  })
})

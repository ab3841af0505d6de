import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../time/random.ts'
import { createEncoder } from './encoder.ts'
import { buildRankTable } from './build-rank-table.ts'
import { RANK_FILES, referenceCounter } from './reference.fixture.ts'
import { randomText, samples } from './samples.fixture.ts'
import { anyText } from './texts.fixture.ts'

describe.each(['o200k_base', 'cl100k_base'] as const)('%s', (encoding) => {
  const encoder = createEncoder(buildRankTable(RANK_FILES[encoding]))
  const truth = referenceCounter(encoding)

  test.each([
    ...Object.entries(samples()).map(([kind, text]) => [kind, text.slice(0, 600)] as [string, string]),
    ['nothing', ''],
    ['a byte', 'a'],
    ['lone surrogates', 'a\ud83d b\udc00\udc00 \ud83d'],
    ['what would be special tokens', 'a<|endoftext|>b <|fim_prefix|> <|endofprompt|>'],
    ['one long piece', 'aaaaaaaaaaab'.repeat(20)],
    ['blanks', ' \n  \n\n\t\t   x    '],
    [
      'every byte of UTF-8',
      String.fromCodePoint(...Array.from({ length: 600 }, (_, index) => index * 1_800 + 1)),
    ],
  ])('counts as the reference does: %s', (_, text) => {
    expect(encoder.count(text)).toBe(truth(text))
    // Again, over the cache.
    expect(encoder.count(text)).toBe(truth(text))
  })

  test('counts 20,000 random texts as the reference does', () => {
    const random = seededRandom(5)
    const texts = Array.from({ length: 20_000 }, () => randomText(random))
    expect(texts.filter((text) => encoder.count(text) !== truth(text))).toEqual([])
  }, 120_000)

  test('counts any text as the reference does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(encoder.count(text)).toBe(truth(text))
      }),
      { numRuns: 1_000 },
    )
  })

  test('is linear in all but name: 100,000 letters are no more than their share', () => {
    // 12,500 in o200k and cl100k alike. A quadratic count would not end within the test's time.
    expect(encoder.count('a'.repeat(100_000))).toBe(12_500)
    expect(encoder.count('中文'.repeat(50_000))).toBeGreaterThan(40_000)
  })
})

test('stays right when more has been counted than is remembered', () => {
  const encoder = createEncoder(buildRankTable(RANK_FILES.o200k_base))
  const words = Array.from({ length: 20_000 }, (_, index) => ` w${index.toString(36)}q`)
  const each = words.reduce((total, word) => total + encoder.count(word), 0)
  expect(encoder.count(words.join(''))).toBe(each)
})

test('a piece of any length leaves no trace in the next', () => {
  const encoder = createEncoder(buildRankTable(RANK_FILES.o200k_base))
  const counts = [1, 24, 25, 64, 65, 300, 22_000, 70_000].map((length) => encoder.count('é'.repeat(length)))
  for (const [index, length] of [1, 24, 25, 64, 65, 300, 22_000, 70_000].toReversed().entries())
    expect(encoder.count('é'.repeat(length))).toBe(counts.toReversed()[index])
})

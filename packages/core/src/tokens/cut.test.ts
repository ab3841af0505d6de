import * as fc from 'fast-check'
import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { buildRankTable } from './build-rank-table.ts'
import { createEncoder } from './encoder.ts'
import { samples } from './samples.fixture.ts'
import { anyText } from './texts.fixture.ts'

describe.each([
  ['o200k_base', o200k],
  ['cl100k_base', cl100k],
])('a cut in %s', (_, file) => {
  const encoder = createEncoder(buildRankTable(file))
  const adds = (text: string, at: number) =>
    encoder.count(text.slice(0, at)) + encoder.count(text.slice(at)) === encoder.count(text)

  test('leaves two parts that add up, wherever it may fall', () => {
    let cuts = 0
    fc.assert(
      fc.property(anyText, fc.nat(60), fc.nat(60), (text, from, length) => {
        const at = encoder.cut(text, from, from + length)
        expect(at).toBeGreaterThanOrEqual(from)
        expect(at).toBeLessThanOrEqual(from + length)
        if (at === from) return
        cuts++
        expect(at).toBeLessThan(text.length)
        expect(adds(text, at)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
    expect(cuts).toBeGreaterThan(100)
  })

  test('is found in every kind of text but letters or signs without an end', () => {
    for (const [kind, text] of Object.entries(samples())) {
      const at = encoder.cut(text, 0, 400)
      expect(at > 0 || ['chinese without a break', 'emoji', 'base64'].includes(kind)).toBe(true)
      expect(at === 0 || adds(text, at)).toBe(true)
    }
  })

  test('is the last that may be', () => {
    expect(encoder.cut('one two three', 0, 12)).toBe(7)
    expect(encoder.cut('one two three', 0, 7)).toBe(7)
    expect(encoder.cut('one two three', 0, 6)).toBe(3)
    expect(encoder.cut('one two three', 3, 6)).toBe(3)
    expect(encoder.cut('one two three', 0, 100)).toBe(7)
    expect(encoder.cut('one two three', 8, 100)).toBe(8)
    expect(encoder.cut('', 0, 10)).toBe(0)
  })

  test.each([
    ['a letter', 'ab', 0],
    ['a number behind a letter', 'a1', 0],
    ['a mark', 'a\u0301', 0],
    ['an apostrophe', "a's", 0],
    ['the first half of a pair', 'a\u{10400}', 0],
    ['a second half without a first', 'a\udc00', 1],
    ['a blank behind a blank', '  x', 0],
    ['a blank behind a sign', '. x', 0],
    ['a line end behind a sign', '.\n', 0],
    ['a sign behind a letter', 'a.', 1],
    ['a sign behind a number', '1.', 1],
    ['a line end behind a letter', 'a\n', 1],
    ['a blank behind a capital', 'A ', 1],
    ['a blank behind a letter without case', '中\u3000', 1],
  ])('beside %s is made only where it is sure', (__, text, at) => {
    expect(encoder.cut(text, 0, text.length)).toBe(at)
  })
})

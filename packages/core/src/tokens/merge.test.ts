import * as fc from 'fast-check'
import cl100k from 'js-tiktoken/ranks/cl100k_base'
import { expect, test } from 'vitest'
import { buildRankTable } from './build-rank-table.ts'
import { Merger } from './merge.ts'
import { rankOf, type RankTable } from './rank-table.ts'

/** Byte pair encoding as it is defined: the union of lowest rank first, of those the leftmost, until there is none. */
function countPlainly(table: RankTable, input: Uint8Array): number {
  if (input.length > 0 && rankOf(table, input, 0, input.length) >= 0) return 1
  const starts = Array.from({ length: input.length + 1 }, (_, index) => index)
  for (;;) {
    let least = Infinity
    let at = -1
    for (let index = 0; index + 2 < starts.length; index++) {
      const rank = rankOf(table, input, starts[index]!, starts[index + 2]!)
      if (rank < 0 || rank >= least) continue
      least = rank
      at = index
    }
    if (at < 0) return starts.length - 1
    starts.splice(at + 1, 1)
  }
}

/** A table of single letters and of some longer words over three letters, by chance. */
const tables = fc
  .uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 6 }), {
    maxLength: 25,
  })
  .map((words) => {
    const encoded = ['a', 'b', 'c', ...words].map((word) => Buffer.from(word).toString('base64'))
    return buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: `! 0 ${encoded.join(' ')}` })
  })
const inputs = fc
  .string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 90 })
  .map((text) => Buffer.from(text))

test('counts what merging by the book leaves, one piece after another', () => {
  fc.assert(
    fc.property(tables, fc.array(inputs, { minLength: 1, maxLength: 4 }), (table, pieces) => {
      const merger = new Merger(table)
      for (const piece of pieces) expect(merger.count(piece, piece.length)).toBe(countPlainly(table, piece))
    }),
    { numRuns: 60 },
  )
})

test('counts as far as it is told, and a byte that is no token as one', () => {
  const table = buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: '! 0 YQ== YWE=' })
  const merger = new Merger(table)
  const input = Buffer.from('aaaaaz')
  expect([0, 1, 2, 3, 4, 5, 6].map((length) => merger.count(input, length))).toEqual([0, 1, 1, 2, 2, 3, 4])
})

test('a very long piece is counted, and shorter ones after it', () => {
  const table = buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: '! 0 YQ== YWE= YWFhYQ==' })
  const merger = new Merger(table)
  const input = Buffer.alloc(300_000, 'a')
  expect(merger.count(input, input.length)).toBe(75_000)
  expect(merger.count(input, 65_535)).toBe(16_385)
  expect(merger.count(input, 7)).toBe(3)
})

test('a piece of any length is counted, at first and after others', () => {
  const table = buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: '! 0 YQ== YWE= YWFhYQ==' })
  const after = new Merger(table)
  const input = Buffer.alloc(300, 'a')
  for (let length = 0; length <= input.length; length++) {
    const tokens = Math.floor(length / 4) + [0, 1, 1, 2][length % 4]!
    expect(new Merger(table).count(input, length)).toBe(tokens)
    expect(after.count(input, length)).toBe(tokens)
  }
})

test('the first token of all is one like any other', () => {
  const pair = buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: '! 0 YWE= YQ==' })
  expect(new Merger(pair).count(Buffer.from('aaaaa'), 5)).toBe(3)
  const whole = buildRankTable({ pat_str: cl100k.pat_str, bpe_ranks: '! 0 YWJj YQ== Yg== Yw==' })
  expect(new Merger(whole).count(Buffer.from('abc'), 3)).toBe(1)
})

import * as fc from 'fast-check'
import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { buildRankTable } from './build-rank-table.ts'
import { rankOf } from './rank-table.ts'

function fileOf(lines: readonly (readonly [number, ...Uint8Array[]])[]) {
  const bpe_ranks = lines
    .map(([first, ...sequences]) =>
      ['!', first, ...sequences.map((bytes) => Buffer.from(bytes).toString('base64'))].join(' '),
    )
    .join('\n')
  return { pat_str: cl100k.pat_str, bpe_ranks }
}

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('a rank file', () => {
  test('gives every sequence its rank, line after line', () => {
    const table = buildRankTable(
      fileOf([
        [0, bytes(1), bytes(2, 3)],
        [2, bytes(255, 254, 253, 0, 0)],
      ]),
    )
    const input = bytes(9, 255, 254, 253, 0, 0, 1, 2, 3)
    expect(rankOf(table, input, 6, 7)).toBe(0)
    expect(rankOf(table, input, 7, 9)).toBe(1)
    expect(rankOf(table, input, 1, 6)).toBe(2)
    expect(rankOf(table, input, 1, 5)).toBe(-1)
    expect(rankOf(table, input, 0, 6)).toBe(-1)
    expect(rankOf(table, input, 0, 9)).toBe(-1)
    expect([...table.starts]).toEqual([0, 1, 3, 8])
    expect(table.longest).toBe(5)
  })

  test('may leave ranks out', () => {
    const table = buildRankTable(
      fileOf([
        [2, bytes(1), bytes(2)],
        [7, bytes(3)],
      ]),
    )
    expect([1, 2, 3].map((value) => rankOf(table, bytes(value), 0, 1))).toEqual([2, 3, 7])
    expect([...table.starts]).toEqual([0, 0, 0, 1, 2, 2, 2, 2, 3])
  })

  test('is refused when its ranks fall, or its pattern is not known', () => {
    expect(() =>
      buildRankTable(
        fileOf([
          [0, bytes(1), bytes(2)],
          [1, bytes(3)],
        ]),
      ),
    ).toThrow('Rank 1 comes after rank 1.')
    expect(() => buildRankTable({ ...fileOf([[0, bytes(1)]]), pat_str: 'x' })).toThrow('Text cannot be cut')
  })

  test('may hold any sequences, and what is not among them has no rank', () => {
    const sequence = fc.uint8Array({ minLength: 1, maxLength: 9 })
    const distinct = { selector: (one: Uint8Array) => one.join(), minLength: 1, maxLength: 40 }
    fc.assert(
      fc.property(fc.uniqueArray(sequence, distinct), sequence, (sequences, other) => {
        const table = buildRankTable(fileOf([[0, ...sequences]]))
        for (const [rank, one] of sequences.entries()) expect(rankOf(table, one, 0, one.length)).toBe(rank)
        const expected = sequences.findIndex((one) => one.join() === other.join())
        expect(rankOf(table, other, 0, other.length)).toBe(expected)
      }),
      { numRuns: 50 },
    )
  })
})

test.each([
  ['o200k_base', o200k, 199_998, 'by-case'],
  ['cl100k_base', cl100k, 100_256, 'by-word'],
] as const)('%s has all of its tokens, in memory that threads share', (_, file, tokens, cutting) => {
  const table = buildRankTable(file)
  expect(table.cutting).toBe(cutting)
  expect(table.starts.length).toBe(tokens + 1)
  for (let rank = 0; rank < tokens; rank += 7)
    expect(rankOf(table, table.bytes, table.starts[rank]!, table.starts[rank + 1]!)).toBe(rank)
  for (const { buffer } of [table.bytes, table.starts, table.slots, table.kinds])
    expect(buffer).toBeInstanceOf(SharedArrayBuffer)
  // A search for what is not there ends soon.
  expect(table.slots.length).toBeGreaterThanOrEqual(2 * tokens)
})

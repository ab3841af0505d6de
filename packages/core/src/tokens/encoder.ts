import { cutWithin } from './cut.ts'
import { Merger } from './merge.ts'
import { LONGEST_REMEMBERED, PieceMemo } from './piece-memo.ts'
import { PIECE_ENDS } from './pieces.ts'
import { rankOf, type RankTable } from './rank-table.ts'
import { writeUtf8 } from './utf8.ts'

export interface Encoder {
  /** How many tokens `text` is; what would be a special token counts as the plain text that it is. */
  count(text: string): number
  /**
   * The last place in `text`, behind `from` and not behind `to`, where it can be cut in two that are counted apart:
   * `from` when there is none.
   */
  cut(text: string, from: number, to: number): number
}

/** In bytes: room for an uncommonly long piece is given back. */
const MOST_KEPT = 65_536

/**
 * Counts tokens exactly, in time that is all but linear in the text whatever it says.
 *
 * **Gotcha**: one megabyte takes 50 to 400 ms, all of it at once.
 */
export function createEncoder(table: RankTable): Encoder {
  const { kinds } = table
  const pieceEnd = PIECE_ENDS[table.cutting]
  const merger = new Merger(table)
  const memo = new PieceMemo()
  let bytes = new Uint8Array(256)

  function countPiece(text: string, from: number, to: number): number {
    // A code unit takes three bytes at most.
    if (bytes.length < 3 * (to - from)) bytes = new Uint8Array(4 * (to - from))
    const length = writeUtf8(text, from, to, bytes)
    if (length > LONGEST_REMEMBERED) return merger.count(bytes, length)
    if (rankOf(table, bytes, 0, length) >= 0) return 1
    const known = memo.get(bytes, length)
    if (known > 0) return known
    const count = merger.count(bytes, length)
    memo.set(bytes, length, count)
    return count
  }

  return {
    count(text) {
      let total = 0
      for (let from = 0; from < text.length;) {
        const to = pieceEnd(text, from, kinds)
        total += countPiece(text, from, to)
        from = to
      }
      if (bytes.length > MOST_KEPT) bytes = new Uint8Array(256)
      return total
    },
    cut: (text, from, to) => cutWithin(text, from, to, kinds),
  }
}

import type { Kinds } from './kinds.ts'
import type { Cutting } from './pieces.ts'

/**
 * An encoding's byte sequences and their ranks as flat typed arrays: an open-addressing hash table that is built once,
 * in a worker, and is ready for use when it arrives, since threads share its memory and nothing is copied.
 */
export interface RankTable {
  /** How text is cut into pieces, each encoded for itself. */
  readonly cutting: Cutting
  readonly kinds: Kinds
  /** Every sequence, one after another, by rank. */
  readonly bytes: Uint8Array
  /** Where the sequence of a rank starts in `bytes`; one entry more than there are ranks. */
  readonly starts: Uint32Array
  /** Rank plus one by hash, 0 where free. The length is a power of two. */
  readonly slots: Uint32Array
  /** The longest sequence, in bytes. */
  readonly longest: number
}

/** The rank of `input[from..to)`, or -1 when it is no token. */
export function rankOf(table: RankTable, input: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length > table.longest) return -1
  const { bytes, starts, slots } = table
  const mask = slots.length - 1
  for (let slot = hashOf(input, from, to) & mask; ; slot = (slot + 1) & mask) {
    const rank = slots[slot]! - 1
    if (rank < 0) return -1
    const start = starts[rank]!
    if (starts[rank + 1]! - start !== length) continue
    let same = 0
    while (same < length && bytes[start + same] === input[from + same]) same++
    if (same === length) return rank
  }
}

/** FNV-1a, its high bits folded into the low ones that the table goes by. */
export function hashOf(input: Uint8Array, from: number, to: number): number {
  let hash = 0x81_1c_9d_c5
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ input[index]!, 0x01_00_01_93)
  return (hash ^ (hash >>> 15)) >>> 0
}

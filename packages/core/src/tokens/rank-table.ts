/**
 * An encoding's byte sequences and their ranks as flat typed arrays: an open-addressing hash table that is built once,
 * in a worker, and is ready for use when it arrives, since its buffers are handed over and not copied.
 */
export interface RankTable {
  /** The expression by which text is cut into pieces, each encoded for itself. */
  readonly pattern: string
  /** Every sequence, one after another, by rank. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where the sequence of a rank starts in `bytes`; one entry more than there are ranks. */
  readonly starts: Uint32Array<ArrayBuffer>
  /** Rank plus one by hash, 0 where free. The length is a power of two. */
  readonly slots: Uint32Array<ArrayBuffer>
  /** The longest sequence, in bytes. */
  readonly longest: number
}

/** The form of the rank files of js-tiktoken: lines of an ignored word, a first rank, and base64 sequences. */
export interface RankFile {
  readonly pat_str: string
  readonly bpe_ranks: string
}

/** Reads a rank file. Takes a few hundred milliseconds: not for the main thread. */
export function buildRankTable(file: RankFile): RankTable {
  const sequences: Uint8Array[] = []
  for (const line of file.bpe_ranks.split('\n')) {
    const [, first, ...words] = line.split(' ')
    let rank = Number(first)
    for (const word of words) sequences[rank++] = Buffer.from(word, 'base64')
  }

  const starts = new Uint32Array(sequences.length + 1)
  let total = 0
  let longest = 0
  for (let rank = 0; rank < sequences.length; rank++) {
    starts[rank] = total
    const length = sequences[rank]?.length ?? 0
    total += length
    longest = Math.max(longest, length)
  }
  starts[sequences.length] = total

  const bytes = new Uint8Array(total)
  // At most half full, so that a search ends after a step or two.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * sequences.length)))
  for (const [rank, sequence] of sequences.entries()) {
    if (sequence === undefined) continue
    bytes.set(sequence, starts[rank])
    let slot = hashOf(sequence, 0, sequence.length) & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = rank + 1
  }
  return { pattern: file.pat_str, bytes, starts, slots, longest }
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
function hashOf(input: Uint8Array, from: number, to: number): number {
  let hash = 0x81_1c_9d_c5
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ input[index]!, 0x01_00_01_93)
  return (hash ^ (hash >>> 15)) >>> 0
}

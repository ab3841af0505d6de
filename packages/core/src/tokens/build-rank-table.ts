import { buildKinds } from './build-kinds.ts'
import { cuttingOf } from './cutting.ts'
import { hashOf, type RankTable } from './rank-table.ts'

/** The form of the rank files of js-tiktoken: lines of an ignored word, a first rank, and base64 sequences. */
export interface RankFile {
  readonly pat_str: string
  readonly bpe_ranks: string
}

/**
 * Reads a rank file. Takes a tenth of a second: not for the main thread. Little is allocated on the way: the threads that collect
 * garbage would keep the main one from the processor.
 *
 * @throws {Error} when its pattern is not one that is known, or its ranks do not rise
 */
export function buildRankTable(file: RankFile): RankTable {
  const cutting = cuttingOf(file.pat_str)
  const { bytes, starts } = sequencesOf(file.bpe_ranks)
  const count = starts.length - 1
  // At most half full, so that a search ends after a step or two.
  const slots = new Uint32Array(new SharedArrayBuffer(4 * 2 ** Math.ceil(Math.log2(2 * count))))
  let longest = 0
  for (let rank = 0; rank < count; rank++) {
    const length = starts[rank + 1]! - starts[rank]!
    if (length === 0) continue
    longest = Math.max(longest, length)
    let slot = hashOf(bytes, starts[rank]!, starts[rank + 1]!) & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = rank + 1
  }
  return { cutting, kinds: buildKinds(), bytes, starts, slots, longest }
}

function sequencesOf(text: string): Pick<RankTable, 'bytes' | 'starts'> {
  const lines = text.split('\n').map(lineOf)
  const last = lines.at(-1)!
  const ranks = last.first + wordsIn(last.words)
  // Three bytes a group of four signs; what is not written to takes no memory.
  const bytes = new Uint8Array(new SharedArrayBuffer(text.length))
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (ranks + 1)))
  let rank = 0
  for (const { first, words } of lines) {
    if (first < rank) throw new Error(`Rank ${first} comes after rank ${rank - 1}.`)
    // Ranks that are left out are of no sequence.
    starts.fill(starts[rank]!, rank, first + 1)
    rank = decode(words, bytes, starts, first)
  }
  return { bytes: bytes.subarray(0, starts[rank]), starts }
}

/** A word that says nothing, the rank of the first sequence, and the sequences. */
function lineOf(line: string): { readonly first: number; readonly words: string } {
  const [, first = '', words = ''] = /^\S+ (\d+) (.*)$/.exec(line) ?? []
  return { first: Number(first), words }
}

function wordsIn(text: string): number {
  let words = 1
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) words++
  return words
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SIXTHS = new Uint8Array(128)
for (let value = 0; value < 64; value++) SIXTHS[BASE64.charCodeAt(value)] = value

const SPACE = 0x20
const PADDING = 0x3d

/** Writes the sequences from a rank on, one after another. Returns the rank that comes next. */
function decode(words: string, bytes: Uint8Array, starts: Uint32Array, first: number): number {
  let rank = first
  let length = starts[rank]!
  let bits = 0
  let held = 0
  for (let index = 0; index < words.length; index++) {
    const sign = words.charCodeAt(index)
    if (sign === SPACE) {
      starts[++rank] = length
      held = 0
      continue
    }
    if (sign === PADDING) continue
    bits = ((bits << 6) | SIXTHS[sign]!) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[length++] = bits >> held
  }
  starts[++rank] = length
  return rank
}

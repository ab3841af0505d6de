import { buildKinds } from './build-kinds.ts'
import { cuttingOf } from './cutting.ts'
import { hashOf, type RankTable } from './rank-table.ts'

/** The form of the rank files of js-tiktoken: lines of an ignored word, a first rank, and base64 sequences. */
export interface RankFile {
  readonly pat_str: string
  readonly bpe_ranks: string
}

/**
 * Reads a rank file. Takes a few hundred milliseconds: not for the main thread. Little is allocated on the way: a worker
 * that collects garbage keeps the other threads from the processor.
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
  const bytes = new Uint8Array(text.length)
  const starts = [0]
  let length = 0
  for (const line of text.split('\n')) {
    let [from, to] = nextWord(line, nextWord(line, 0)[1])
    const first = Number(line.slice(from, to))
    if (first < starts.length - 1) throw new Error(`Rank ${first} comes after rank ${starts.length - 2}.`)
    // Ranks that are left out are of no sequence.
    while (starts.length - 1 < first) starts.push(length)
    for ([from, to] = nextWord(line, to); from < to; [from, to] = nextWord(line, to)) {
      length = decode(line, from, to, bytes, length)
      starts.push(length)
    }
  }
  const shared = new Uint8Array(new SharedArrayBuffer(length))
  shared.set(bytes.subarray(0, length))
  const sharedStarts = new Uint32Array(new SharedArrayBuffer(4 * starts.length))
  sharedStarts.set(starts)
  return { bytes: shared, starts: sharedStarts }
}

/** Where the next word begins and ends; nothing at the end of the line. */
function nextWord(line: string, after: number): readonly [number, number] {
  const from = after === 0 ? 0 : after + 1
  const end = line.indexOf(' ', from)
  return [Math.min(from, line.length), end < 0 ? line.length : end]
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SIXTHS = new Uint8Array(128)
for (let value = 0; value < 64; value++) SIXTHS[BASE64.charCodeAt(value)] = value

/** Returns where the bytes end. */
function decode(text: string, from: number, to: number, bytes: Uint8Array, at: number): number {
  let end = to
  while (text.charCodeAt(end - 1) === 0x3d) end--
  let length = at
  let bits = 0
  let held = 0
  for (let index = from; index < end; index++) {
    bits = ((bits << 6) | SIXTHS[text.charCodeAt(index)]!) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[length++] = bits >> held
  }
  return length
}

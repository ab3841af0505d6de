import { type RankTable, rankOf } from './rank-table.ts'

/** Heap entries are `rank * SHIFT + position`: the least is the lowest rank, and of those the leftmost. */
const SHIFT = 2 ** 32

/** Bytes of a piece that there is room for at first, and whose room is not given back. */
const LEAST_KEPT = 64
const MOST_KEPT = 65_536

/**
 * Counts the tokens that byte pair encoding leaves of a piece: of all neighbours, those whose union has the lowest rank
 * are merged, until no union is a token. A heap finds them, so that `n` bytes take `n log n` steps.
 */
export class Merger {
  readonly #table: RankTable
  /** The start of the neighbour to each side, and the rank of the union with the right one, by start. */
  #next = new Uint32Array(LEAST_KEPT)
  #previous = new Uint32Array(LEAST_KEPT)
  #unionRank = new Int32Array(LEAST_KEPT)
  #heap = new Float64Array(3 * LEAST_KEPT)
  #heapSize = 0

  constructor(table: RankTable) {
    this.#table = table
  }

  /** How many tokens `input[0..length)` is. */
  count(input: Uint8Array, length: number): number {
    if (length <= 1 || rankOf(this.#table, input, 0, length) >= 0) return Math.min(length, 1)
    this.#reserve(length)
    const tokens = this.#merge(input, length)
    if (this.#next.length > MOST_KEPT) this.#allocate(LEAST_KEPT)
    return tokens
  }

  #merge(input: Uint8Array, length: number): number {
    const next = this.#next
    const previous = this.#previous
    const unionRank = this.#unionRank
    this.#heapSize = 0
    for (let start = 0; start < length; start++) {
      next[start] = start + 1
      previous[start] = start - 1
    }
    for (let start = 0; start < length; start++) this.#propose(input, start, length)

    let tokens = length
    while (this.#heapSize > 0) {
      const entry = this.#pop()
      const rank = Math.floor(entry / SHIFT)
      const start = entry - rank * SHIFT
      // Its neighbour has changed since, or it is part of another now.
      if (unionRank[start] !== rank) continue
      const right = next[start]!
      const after = next[right]!
      unionRank[right] = -1
      next[start] = after
      if (after < length) previous[after] = start
      tokens--
      this.#propose(input, start, length)
      if (start > 0) this.#propose(input, previous[start]!, length)
    }
    return tokens
  }

  #propose(input: Uint8Array, start: number, length: number): void {
    const right = this.#next[start]!
    const rank = right < length ? rankOf(this.#table, input, start, this.#next[right]!) : -1
    this.#unionRank[start] = rank
    if (rank >= 0) this.#push(rank * SHIFT + start)
  }

  #reserve(length: number): void {
    if (length < this.#next.length) return
    this.#allocate(2 ** Math.ceil(Math.log2(length + 1)))
  }

  #allocate(capacity: number): void {
    this.#next = new Uint32Array(capacity)
    this.#previous = new Uint32Array(capacity)
    this.#unionRank = new Int32Array(capacity)
    // A proposal for each byte, and two for each merge.
    this.#heap = new Float64Array(3 * capacity)
  }

  #push(entry: number): void {
    const heap = this.#heap
    let index = this.#heapSize++
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (heap[parent]! <= entry) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  #pop(): number {
    const heap = this.#heap
    const top = heap[0]!
    const entry = heap[--this.#heapSize]!
    const size = this.#heapSize
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++
      if (heap[child]! >= entry) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = entry
    return top
  }
}

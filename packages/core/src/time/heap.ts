/** What an `IndexedHeap` holds knows its own place in it (-1: in none), so that it can be taken out or moved. */
export interface HeapEntry {
  heapIndex: number
}

/**
 * A binary min-heap whose entries can be removed and reordered in O(log n), wherever they are.
 * An entry is in one such heap at a time.
 */
export class IndexedHeap<T extends HeapEntry> {
  readonly #entries: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#entries.length
  }

  get top(): T | undefined {
    return this.#entries[0]
  }

  /** In no particular order, save that the first is the top. Read only: never changed through this. */
  get entries(): readonly T[] {
    return this.#entries
  }

  push(entry: T): void {
    this.#entries.push(entry)
    this.#up(entry, this.#entries.length - 1)
  }

  pop(): T | undefined {
    const top = this.#entries[0]
    if (top !== undefined) this.remove(top)
    return top
  }

  /** Harmless when the entry is not in the heap. */
  remove(entry: T): void {
    const index = entry.heapIndex
    if (index < 0) return
    entry.heapIndex = -1
    const last = this.#entries.pop()!
    if (last === entry) return
    this.#up(last, index)
    this.#down(last, last.heapIndex)
  }

  /** To be called after what the entry is ordered by has changed. */
  moved(entry: T): void {
    this.#up(entry, entry.heapIndex)
    this.#down(entry, entry.heapIndex)
  }

  #up(entry: T, from: number): void {
    const entries = this.#entries
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = entries[parentIndex]!
      if (!this.#before(entry, parent)) break
      entries[index] = parent
      parent.heapIndex = index
      index = parentIndex
    }
    entries[index] = entry
    entry.heapIndex = index
  }

  #down(entry: T, from: number): void {
    const entries = this.#entries
    const size = entries.length
    let index = from
    for (;;) {
      let childIndex = 2 * index + 1
      if (childIndex >= size) break
      if (childIndex + 1 < size && this.#before(entries[childIndex + 1]!, entries[childIndex]!)) childIndex++
      const child = entries[childIndex]!
      if (!this.#before(child, entry)) break
      entries[index] = child
      child.heapIndex = index
      index = childIndex
    }
    entries[index] = entry
    entry.heapIndex = index
  }
}

import type { Waiter } from './waiter.ts'

/**
 * Waiters by deadline. A heap whose keys lie beside each other, apart from the waiters: among a million of them each look
 * at another waiter is a miss of the processor's cache, and a heap looks at many.
 */
export class Deadlines {
  readonly #at: number[] = []
  readonly #waiters: Waiter[] = []

  get next(): number {
    return this.#at[0] ?? Number.POSITIVE_INFINITY
  }

  get first(): Waiter | undefined {
    return this.#waiters[0]
  }

  add(waiter: Waiter): void {
    const { deadline } = waiter.ask
    this.#at.push(deadline)
    this.#waiters.push(waiter)
    this.#up(waiter, deadline, this.#at.length - 1)
  }

  /** Harmless when it is not among them. */
  remove(waiter: Waiter): void {
    const index = waiter.heapIndex
    if (index < 0) return
    waiter.heapIndex = -1
    const at = this.#at.pop()!
    const last = this.#waiters.pop()!
    if (last === waiter) return
    if (at < this.#at[index]!) this.#up(last, at, index)
    else this.#down(last, at, index)
  }

  #up(waiter: Waiter, at: number, from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 2
      if (at >= this.#at[parent]!) break
      this.#put(index, parent)
      index = parent
    }
    this.#at[index] = at
    this.#waiters[index] = waiter
    waiter.heapIndex = index
  }

  #down(waiter: Waiter, at: number, from: number): void {
    const size = this.#at.length
    let index = from
    for (;;) {
      let child = 4 * index + 1
      if (child >= size) break
      const end = Math.min(child + 4, size)
      for (let other = child + 1; other < end; other++) if (this.#at[other]! < this.#at[child]!) child = other
      if (this.#at[child]! >= at) break
      this.#put(index, child)
      index = child
    }
    this.#at[index] = at
    this.#waiters[index] = waiter
    waiter.heapIndex = index
  }

  #put(index: number, from: number): void {
    const moved = this.#waiters[from]!
    this.#at[index] = this.#at[from]!
    this.#waiters[index] = moved
    moved.heapIndex = index
  }
}

import type { Waiter } from './waiter.ts'

/** So many that have left may stay behind before it is worth clearing them out. */
const LEAST_STALE = 1_024

/**
 * Waiters by deadline. A heap whose keys lie beside each other, apart from the waiters: among a million of them each look
 * at another waiter is a miss of the processor's cache, and a heap looks at many. For the same reason one that leaves is
 * only marked, and its entry dropped when it comes up, or with all others when those are half of what there is.
 *
 * A waiter enters once: one that comes again is another.
 */
export class Deadlines {
  #at: number[] = []
  #waiters: Waiter[] = []
  #stale = 0

  get next(): number {
    this.#dropStale()
    return this.#at[0] ?? Number.POSITIVE_INFINITY
  }

  get first(): Waiter | undefined {
    this.#dropStale()
    return this.#waiters[0]
  }

  add(waiter: Waiter): void {
    waiter.inside = true
    const { deadline } = waiter.ask
    this.#at.push(deadline)
    this.#waiters.push(waiter)
    this.#up(waiter, deadline, this.#at.length - 1)
  }

  /** Harmless when it is not among them. */
  remove(waiter: Waiter): void {
    if (!waiter.inside) return
    waiter.inside = false
    this.#stale++
    if (this.#stale > LEAST_STALE && this.#stale * 2 > this.#at.length) this.#clear()
  }

  #dropStale(): void {
    while (this.#stale > 0 && this.#waiters[0]?.inside === false) {
      this.#stale--
      const at = this.#at.pop()!
      const last = this.#waiters.pop()!
      if (this.#at.length > 0) this.#down(last, at, 0)
    }
  }

  /** What is left is made a heap again from below, which takes no longer than to look at it. */
  #clear(): void {
    const waiters = this.#waiters.filter(({ inside }) => inside)
    this.#waiters = waiters
    this.#at = waiters.map(({ ask }) => ask.deadline)
    this.#stale = 0
    for (let index = (waiters.length - 2) >> 2; index >= 0; index--) {
      this.#down(waiters[index]!, this.#at[index]!, index)
    }
  }

  #up(waiter: Waiter, at: number, from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 2
      if (at >= this.#at[parent]!) break
      this.#move(index, parent)
      index = parent
    }
    this.#at[index] = at
    this.#waiters[index] = waiter
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
      this.#move(index, child)
      index = child
    }
    this.#at[index] = at
    this.#waiters[index] = waiter
  }

  #move(index: number, from: number): void {
    this.#at[index] = this.#at[from]!
    this.#waiters[index] = this.#waiters[from]!
  }
}

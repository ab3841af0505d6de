import { IndexedHeap } from '../time/heap.ts'
import type { Waiter } from './waiter.ts'

interface Lot {
  heapIndex: number
  readonly key: string
  /** By rank, then `seq`. */
  readonly waiters: Waiter[]
  wakeAt: number
  /** The one that was let out to ask again; the next follows when it is through. */
  out: Waiter | undefined
}

/**
 * Waiters that lack room in a bucket of their own (a tenant's budget, a target's own limit) stand aside there, and
 * hold nobody up. One at a time goes back to its place in line when there may be room.
 */
export class Parking {
  size = 0
  readonly #lots = new Map<string, Lot>()
  readonly #wakes = new IndexedHeap<Lot>((a, b) => a.wakeAt < b.wakeAt)

  get nextWake(): number {
    return this.#wakes.top?.wakeAt ?? Number.POSITIVE_INFINITY
  }

  get keys(): Iterable<string> {
    return this.#lots.keys()
  }

  /** Whether somebody stands aside for this bucket. */
  has(key: string): boolean {
    return this.#lots.has(key)
  }

  add(waiter: Waiter, key: string, wakeAt: number): void {
    let lot = this.#lots.get(key)
    if (lot === undefined) {
      lot = { heapIndex: -1, key, waiters: [], wakeAt, out: undefined }
      this.#lots.set(key, lot)
    }
    const cameBack = lot.out === waiter
    if (cameBack) lot.out = undefined
    this.#through(waiter)
    waiter.lot = key
    insert(lot.waiters, waiter)
    this.size++
    // Only who asked was told how long it takes; those behind wait for it.
    if (cameBack || (lot.out === undefined && lot.waiters[0] === waiter)) this.#wakeAt(lot, wakeAt)
  }

  /** The lot where this one would have to stand behind somebody, if there is one. */
  blocking(waiter: Waiter): string | undefined {
    if (this.#lots.size === 0) return undefined
    const { plan } = waiter.ask
    for (let index = plan.claimable; index < plan.lines.length; index++) {
      const lot = this.#lots.get(plan.buckets[index]!.key)
      if (lot === undefined || lot.out === waiter) continue
      const first = lot.out ?? lot.waiters[0]
      if (first !== undefined && inOrder(first, waiter)) return lot.key
    }
    return undefined
  }

  /** It left for good, or was granted. */
  remove(waiter: Waiter): void {
    if (waiter.lot !== undefined) {
      const lot = this.#lots.get(waiter.lot)!
      lot.waiters.splice(lot.waiters.indexOf(waiter), 1)
      waiter.lot = undefined
      this.size--
      this.#dropIfEmpty(lot)
      return
    }
    this.#through(waiter)
  }

  /** Something was given back to this bucket. */
  freed(key: string): void {
    const lot = this.#lots.get(key)
    if (lot !== undefined && lot.out === undefined) this.#wakeAt(lot, Number.NEGATIVE_INFINITY)
  }

  /** The next that may ask again, taken out of its lot. */
  release(now: number): Waiter | undefined {
    const lot = this.#wakes.top
    if (lot === undefined || lot.wakeAt > now) return undefined
    this.#wakes.remove(lot)
    const waiter = lot.waiters.shift()
    if (waiter === undefined) return undefined
    waiter.lot = undefined
    this.size--
    lot.out = waiter
    return waiter
  }

  *all(): Iterable<Waiter> {
    for (const lot of this.#lots.values()) yield* lot.waiters
  }

  /** One that was let out of a lot has done with it, so the next may try, at once. */
  #through(waiter: Waiter): void {
    if (this.#lots.size === 0) return
    const { plan } = waiter.ask
    for (let index = plan.claimable; index < plan.lines.length; index++) {
      const lot = this.#lots.get(plan.buckets[index]!.key)
      if (lot?.out !== waiter) continue
      lot.out = undefined
      if (lot.waiters.length > 0) this.#wakeAt(lot, Number.NEGATIVE_INFINITY)
      this.#dropIfEmpty(lot)
    }
  }

  #wakeAt(lot: Lot, at: number): void {
    lot.wakeAt = at
    if (lot.heapIndex < 0) this.#wakes.push(lot)
    else this.#wakes.moved(lot)
  }

  #dropIfEmpty(lot: Lot): void {
    if (lot.waiters.length > 0 || lot.out !== undefined) return
    this.#wakes.remove(lot)
    this.#lots.delete(lot.key)
  }
}

function inOrder(a: Waiter, b: Waiter): boolean {
  return a.ask.rank < b.ask.rank || (a.ask.rank === b.ask.rank && a.ask.seq < b.ask.seq)
}

/** Nearly always at the end, or back at the front. */
function insert(waiters: Waiter[], waiter: Waiter): void {
  let low = 0
  let high = waiters.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (inOrder(waiters[middle]!, waiter)) low = middle + 1
    else high = middle
  }
  waiters.splice(low, 0, waiter)
}

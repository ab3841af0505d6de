import type { Waiter } from './waiter.ts'

/** The waiters of one class by arrival, whatever tenant: who has waited longest, who came last. */
export class Arrivals {
  oldest: Waiter | undefined = undefined
  youngest: Waiter | undefined = undefined

  insert(waiter: Waiter): void {
    const { seq } = waiter.ask
    let before = this.youngest
    if (before !== undefined && before.ask.seq > seq) {
      // Not the latest: one that comes back, so near the front.
      let after = this.oldest
      while (after !== undefined && after.ask.seq < seq) after = after.arrivedAfter
      before = after?.arrivedBefore
    }
    const after = before === undefined ? this.oldest : before.arrivedAfter
    waiter.arrivedBefore = before
    waiter.arrivedAfter = after
    if (before === undefined) this.oldest = waiter
    else before.arrivedAfter = waiter
    if (after === undefined) this.youngest = waiter
    else after.arrivedBefore = waiter
  }

  remove(waiter: Waiter): void {
    const { arrivedBefore, arrivedAfter } = waiter
    if (arrivedBefore === undefined) this.oldest = arrivedAfter
    else arrivedBefore.arrivedAfter = arrivedAfter
    if (arrivedAfter === undefined) this.youngest = arrivedBefore
    else arrivedAfter.arrivedBefore = arrivedBefore
    waiter.arrivedBefore = undefined
    waiter.arrivedAfter = undefined
  }
}

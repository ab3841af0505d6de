export interface Leased {
  leaseUntil: number
  leaseBefore: Leased | undefined
  leaseAfter: Leased | undefined
}

/**
 * Leases in the order in which they run out. All are about as long as each other, so one that is begun or renewed
 * belongs at the end, or a few places from it.
 */
export class LeaseList<T extends Leased> {
  #first: Leased | undefined
  #last: Leased | undefined

  /** The one that runs out first. */
  get first(): T | undefined {
    return this.#first as T | undefined
  }

  add(entry: T, until: number): void {
    entry.leaseUntil = until
    let before = this.#last
    while (before !== undefined && before.leaseUntil > until) before = before.leaseBefore
    const after = before === undefined ? this.#first : before.leaseAfter
    entry.leaseBefore = before
    entry.leaseAfter = after
    if (before === undefined) this.#first = entry
    else before.leaseAfter = entry
    if (after === undefined) this.#last = entry
    else after.leaseBefore = entry
  }

  remove(entry: T): void {
    const { leaseBefore, leaseAfter } = entry
    if (leaseBefore === undefined && this.#first !== entry) return
    if (leaseBefore === undefined) this.#first = leaseAfter
    else leaseBefore.leaseAfter = leaseAfter
    if (leaseAfter === undefined) this.#last = leaseBefore
    else leaseAfter.leaseBefore = leaseBefore
    entry.leaseBefore = undefined
    entry.leaseAfter = undefined
  }
}

import type { ReserveOp, Told } from '@plimsoll/core'

/** Claims that the store may hold for whoever asks here. It clears those of whom it grants something by itself. */
export class Claims {
  readonly #holders = new Set<number>()

  refused({ holder, claimable }: ReserveOp): void {
    if (claimable > 0) this.#holders.add(holder)
  }

  granted({ holder }: ReserveOp): void {
    this.#holders.delete(holder)
  }

  /** What the store is to be told where it was let in without its knowledge. */
  toGiveUp({ holder, buckets, claimable }: ReserveOp): Extract<Told, { type: 'unclaim' }> | undefined {
    if (!this.#holders.delete(holder)) return undefined
    return { type: 'unclaim', holder, buckets: buckets.slice(0, claimable) }
  }
}

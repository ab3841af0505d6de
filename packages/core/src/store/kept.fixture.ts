import type { SavedReservation } from './held.ts'
import { MemoryStore } from './memory-store.ts'
import type { SavedBucket, SavedStore, StoreChanges } from './saved.ts'

/** What a store has saved, as a file would have it: changes put together, through JSON. */
export class Kept {
  readonly buckets = new Map<number, SavedBucket>()
  readonly reservations = new Map<number, SavedReservation>()
  #at: number | undefined
  #last: StoreChanges | undefined

  keep(store: MemoryStore): void {
    const taken = store.takeChanges()
    this.#last = taken
    if (taken === undefined) return
    const { at, buckets, forgotten, reservations, ended } = JSON.parse(JSON.stringify(taken)) as StoreChanges
    this.#at = at
    for (const { id, bucket, state } of buckets)
      this.buckets.set(id, { id, bucket: bucket ?? this.buckets.get(id)!.bucket, state })
    for (const id of forgotten) this.buckets.delete(id)
    for (const one of reservations) this.reservations.set(one.id, one)
    for (const id of ended) this.reservations.delete(id)
  }

  /** What was kept last by doing this. */
  last(doing: () => void): StoreChanges {
    doing()
    return this.#last!
  }

  resumed(now: number): MemoryStore {
    const saved: SavedStore = {
      at: this.#at,
      buckets: [...this.buckets.values()],
      reservations: [...this.reservations.values()],
    }
    return new MemoryStore({ resumed: { saved, now } })
  }
}

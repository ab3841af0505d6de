import type { SavedReservation } from './held.ts'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Level, Op, ReserveOp } from './port.ts'
import type { SavedBucket, SavedStore, StoreChanges } from './saved.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const NOON = Date.UTC(2026, 2, 10, 12)

export const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 1_000, perMs: MINUTE }
export const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 2, perMs: Infinity }
export const DAILY: Bucket = {
  key: 'budget:tenant=acme:tokens:day',
  algorithm: 'quota',
  capacity: 1_000,
  perMs: DAY,
  calendar: { every: 'day', timeZone: 'UTC' },
  forgettable: true,
}

export function reserve(
  id: number,
  buckets: readonly Bucket[],
  amount: number,
  rest: Partial<ReserveOp> = {},
): Op {
  const none = buckets.map(() => 0)
  const amounts = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : amount))
  const terms = { holder: id, rank: 1, claimable: 0, leaseMs: MINUTE }
  return { type: 'reserve', id, buckets, amounts, leaves: none, ...terms, ...rest }
}

export const settle = (id: number, ...amounts: number[]): Op => ({
  type: 'settle',
  id,
  amounts,
  refund: true,
})

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

/** Processes that follow each other, with what one of them has saved. */
export function processes() {
  const kept = new Kept()
  let store: MemoryStore | undefined
  return {
    kept,
    send(op: Op, now: number): string {
      let kind = ''
      store ??= kept.resumed(now)
      store.send(op, now, (answer) => {
        kind = answer.kind
      })
      return kind
    },
    left(bucket: Bucket, now: number): number {
      let levels: readonly Level[] = []
      store ??= kept.resumed(now)
      store.send({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, now, (answer) => {
        if (answer.kind === 'levels') levels = answer.levels
      })
      return levels[0]!.available
    },
    buckets: () => store!.buckets,
    /** What was not saved is lost. */
    restart(): void {
      if (store !== undefined) kept.keep(store)
      store = undefined
    },
    die(): void {
      store = undefined
    },
  }
}

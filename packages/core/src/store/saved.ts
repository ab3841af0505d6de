import type { SavedReservation } from './held.ts'
import type { SavedMeter } from './meter.ts'
import type { Bucket } from './port.ts'

/** One limit or budget as it was. Plain: it may go through JSON, which turns what is infinite into null. */
export interface SavedBucket {
  readonly id: number
  /** Left out where it is as it was saved last. */
  readonly bucket: Bucket | undefined
  readonly state: SavedMeter
}

/** All that a store held. */
export interface SavedStore {
  /** The latest time it was told; undefined of one that was told nothing. */
  readonly at: number | undefined
  readonly buckets: readonly SavedBucket[]
  readonly reservations: readonly SavedReservation[]
}

/**
 * What became different. Absolute: done twice it is the same, and done in their order all together are what the store
 * holds.
 */
export interface StoreChanges {
  /** The latest time the store was told. */
  readonly at: number
  /** To be put in place of those of the same ids, or added. */
  readonly buckets: readonly SavedBucket[]
  /** To be taken out, by their ids. */
  readonly forgotten: readonly number[]
  readonly reservations: readonly SavedReservation[]
  readonly ended: readonly number[]
}

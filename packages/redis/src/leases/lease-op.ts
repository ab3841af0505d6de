import type { Bucket, ReservationId } from '@plimsoll/core'

/** What one process tells of all its slices at once, and what it would have more of. Done once, however often it is told. */
export interface LeaseOp {
  readonly type: 'lease'
  /** Higher with each. */
  readonly seq: number
  readonly slices: readonly SliceTold[]
  readonly parts: readonly Part[]
}

/** Of one bucket. Amounts are parts of what the store holds for this process, unless it says otherwise. */
export interface SliceTold {
  readonly bucket: Bucket
  /** Which of the buckets that had this key one after the other; empty when it is not known yet. */
  readonly born: string
  /** Counted by providers since the last time, and held no more. */
  readonly dropped: number
  /** What it came to, as far as that is known: what of `dropped` was charged, and what was used without being held. */
  readonly counted: number
  /** How many calls have been answered: of slots only. */
  readonly answered: number
  readonly returned: number
  /** What was counted at `at`, by the store's clock, as `charged` was really `actual`. */
  readonly corrections: readonly Correction[]
  /** More to hold; 0 for none. */
  readonly wanted: number
  /** Less than this is of no use. */
  readonly least: number
  /** The lowest priority that is to draw on it, and what must stay behind for higher ones. */
  readonly rank: number
  readonly leave: number
  readonly leaseMs: number
}

export interface Correction {
  readonly at: number
  readonly charged: number
  readonly actual: number
}

/** A reservation that the store is to know by itself from now on: calls are made inside of it. */
export interface Part {
  readonly id: ReservationId
  readonly leaseMs: number
  /** When the store counted it; `now` where it has not yet and is to; undefined while its provider has not. */
  readonly counted: number | 'now' | undefined
  readonly slotsOpen: boolean
  readonly entries: readonly PartEntry[]
}

export interface PartEntry {
  readonly key: string
  readonly born: string
  readonly amount: number
  /** Whether the amount is in the slice, or was counted already. */
  readonly held: boolean
  readonly slots: boolean
}

export interface LeaseAnswer {
  readonly kind: 'leased'
  /** The store's time, at which it counted what it was told. */
  readonly at: number
  /** As many as were told of. */
  readonly slices: readonly SliceNow[]
}

export interface SliceNow {
  /** What the store holds for this process. */
  readonly held: number
  readonly born: string
  /** What is not used of it is to go back: somebody waits, or the bucket is paused. */
  readonly wanted: boolean
  /** What was to stay behind for higher priorities has. */
  readonly kept: boolean
}

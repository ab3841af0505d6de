import type { Changes, LastIds } from './changes.ts'
import { Held } from './held.ts'
import type { SavedReservation } from './held.ts'
import type { Meter } from './meter.ts'
import type { Meters } from './meters.ts'
import type { SavedStore } from './saved.ts'

/** A reservation of an earlier process, to be held until its lease ends. */
interface Inherited {
  readonly held: Held
  readonly leaseUntil: number
}

/** Ids that are not to be given again: reservations name buckets that are gone, too. */
export function lastIds({ buckets, reservations }: SavedStore): LastIds {
  let lastBucket = 0
  let lastReservation = 0
  for (const { id } of buckets) lastBucket = Math.max(lastBucket, id)
  for (const { id, buckets: named } of reservations) {
    lastReservation = Math.max(lastReservation, id)
    for (const bucket of named) lastBucket = Math.max(lastBucket, bucket ?? 0)
  }
  return { lastBucket, lastReservation }
}

/**
 * Takes up what was saved: the meters are put in their places, and the reservations that are open given back, those first
 * whose lease ends first.
 *
 * Where the clock reads earlier than it did, no time has passed: what was used and held ages from now, and not only once
 * the clock has caught up.
 */
export function resume(
  { at, buckets, reservations }: SavedStore,
  now: number,
  { meters, changes }: { meters: Meters; changes: Changes },
): Inherited[] {
  const backMs = at === undefined ? 0 : Math.max(0, at - now)
  const byId = new Map<number, Meter>()
  for (const { id, bucket, state } of buckets) {
    const meter = meters.restore(bucket!, state, { now, backMs })
    changes.knowsBucket(meter, id)
    if (meter.bucket.forgettable === true && meter.asNew(now)) meters.forget(meter.bucket.key)
    else byId.set(id, meter)
  }
  return inherited(reservations, byId, now, backMs, changes)
}

function inherited(
  reservations: readonly SavedReservation[],
  byId: ReadonlyMap<number, Meter>,
  now: number,
  backMs: number,
  changes: Changes,
): Inherited[] {
  const known = new Map(reservations.map((saved) => [saved.id, saved]))
  const made = new Map<number, Held>()
  const heldOf = (saved: SavedReservation): Held => {
    const before = made.get(saved.id)
    if (before !== undefined) return before
    const { id, buckets, amounts, lender } = saved
    const lending = lender === undefined ? undefined : known.get(lender)
    // What was held of a bucket that is gone is given back to nobody.
    const places = [...buckets.keys()].filter((index) => byId.has(buckets[index] ?? 0))
    const held = new Held(
      // No operation of this process can name it.
      { id: -id, leaseMs: 0 },
      places.map((index) => byId.get(buckets[index]!)!),
      {
        amounts: places.map((index) => amounts[index]!),
        parent: undefined,
        lender: lending && heldOf(lending),
      },
    )
    held.restore(saved, now)
    made.set(id, held)
    changes.knowsReservation(id)
    return held
  }
  // Those that only lend their slot hold it through whoever uses it.
  return reservations
    .map((saved) => ({ held: heldOf(saved), leaseUntil: saved.leaseUntil - backMs, open: saved.open }))
    .filter(({ open }) => open)
    .toSorted((one, other) => one.leaseUntil - other.leaseUntil)
}

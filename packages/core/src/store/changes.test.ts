import { describe, expect, it } from 'vitest'
import { Changes } from './changes.ts'
import { Held } from './held.ts'
import type { Meter } from './meter.ts'
import type { Bucket } from './port.ts'
import { Quota } from './quota.ts'

const bucket = (nth: number): Bucket => ({
  key: `b${nth}`,
  algorithm: 'quota',
  capacity: 100,
  perMs: Infinity,
})

/** What is in use is what the test says. */
function noting() {
  const inUse = new Set<Meter>()
  const open = new Set<Held>()
  const changes = new Changes({
    lastBucket: 0,
    lastReservation: 0,
    known: (key) => [...inUse].find((meter) => meter.bucket.key === key),
    isOpen: (held) => open.has(held),
  })
  const hold = (id: number, meters: readonly Meter[]): Held => {
    const parts = { amounts: meters.map(() => 1), parent: undefined, lender: undefined }
    const held = new Held({ id, leaseMs: 1_000 }, meters, parts)
    open.add(held)
    changes.reservation(held)
    return held
  }
  const end = (held: Held): void => {
    changes.reservation(held)
    open.delete(held)
  }
  return { changes, inUse, open, hold, end }
}

describe('changes that nobody takes for long', () => {
  it('are no more than are in use, however many calls come and go', () => {
    const { changes, inUse, open, hold, end } = noting()
    const meter = new Quota(bucket(1), 0)
    inUse.add(meter)
    const lasting = hold(1, [meter])
    for (let id = 2; id <= 100_000; id++) end(hold(id, [meter]))
    expect(changes.marks).toBeLessThanOrEqual(10_001)
    expect(changes.take()).toMatchObject({ buckets: [{ id: 1 }], reservations: [{ id: 1 }], ended: [] })
    end(lasting)
    expect([open.size, changes.take()]).toMatchObject([0, { ended: [1] }])
  })

  it('are no more than are in use, however many buckets come and go', () => {
    const { changes, inUse } = noting()
    for (let nth = 0; nth < 50_000; nth++) {
      const meter = new Quota(bucket(nth), 0)
      inUse.add(meter)
      changes.bucket(meter)
      inUse.delete(meter)
      changes.bucket(meter)
    }
    expect(changes.marks).toBeLessThanOrEqual(10_001)
    expect(changes.take()).toBeUndefined()
  })

  it('name what was saved before and is gone', () => {
    const { changes, inUse, hold, end } = noting()
    const meter = new Quota(bucket(1), 0)
    inUse.add(meter)
    const held = hold(1, [meter])
    changes.take()
    end(held)
    inUse.delete(meter)
    changes.bucket(meter)
    for (let id = 2; id <= 30_000; id++) end(hold(id, []))
    expect(changes.take()).toMatchObject({ buckets: [], forgotten: [1], reservations: [], ended: [1] })
    expect(changes.take()).toBeUndefined()
  })
})

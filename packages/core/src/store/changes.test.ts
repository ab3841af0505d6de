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
  let looks = 0
  const changes = new Changes({
    lastBucket: 0,
    lastReservation: 0,
    known: (key) => [...inUse].find((meter) => meter.bucket.key === key),
    isOpen: (held) => {
      looks++
      return open.has(held)
    },
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
  return { changes, inUse, open, hold, end, looks: () => looks }
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
    // It was looked at 10,001, the last of them still in use, and again each 10,000.
    expect(changes.marks).toBe(10_000)
    expect(changes.take()).toBeUndefined()
  })

  it('are looked through as often as they have doubled, and not for each', () => {
    const { hold, looks } = noting()
    for (let id = 1; id <= 20_000; id++) hold(id, [])
    expect(looks()).toBe(10_001)
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
    expect(changes.marks).toBe(10_002)
    expect(changes.take()).toMatchObject({ buckets: [], forgotten: [1], reservations: [], ended: [1] })
    expect(changes.take()).toBeUndefined()
  })
})

describe('changes that were taken', () => {
  it('are not told again, though all is still in use', () => {
    const { changes, inUse, hold } = noting()
    const meter = new Quota(bucket(1), 0)
    inUse.add(meter)
    hold(1, [meter])
    expect(changes.take()).toMatchObject({ buckets: [{ id: 1 }], reservations: [{ id: 1 }] })
    expect([changes.take(), changes.marks]).toEqual([undefined, 0])
  })

  it('are of the latest time there was, by whatever clock', () => {
    const { changes, hold } = noting()
    for (const now of [5, 9, 7]) changes.at(now)
    hold(1, [])
    expect(changes.take()!.at).toBe(9)
  })
})

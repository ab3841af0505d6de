import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket } from './port.ts'
import { Quota } from './quota.ts'

const at = (text: string) => Date.parse(text)
const NOON = at('2026-03-15T12:00:00Z')
const APRIL = at('2026-04-01T00:00:00Z')

function bucket(rest: Partial<Bucket> = {}): Bucket {
  const calendar = { every: 'month', timeZone: 'UTC' } as const
  return { key: 'q', algorithm: 'quota', capacity: 100, perMs: 1, calendar, ...rest }
}

describe('a quota', () => {
  it('counts up to its amount, and starts anew with the next period of its calendar', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 70)
    expect([quota.fits(NOON, 30, 0), quota.fits(NOON, 31, 0), quota.free(NOON)]).toEqual([true, false, 30])
    expect([quota.free(APRIL - 1), quota.free(APRIL)]).toEqual([30, 100])
  })

  it('tells how long the rest of its period is, and that what it cannot hold will never fit', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 70)
    expect(quota.waitMs(NOON, 30, 0)).toBe(0)
    expect(quota.waitMs(NOON, 31, 0)).toBe(APRIL - NOON)
    expect(quota.waitMs(NOON, 100, 0)).toBe(APRIL - NOON)
    expect(quota.waitMs(NOON, 101, 0)).toBe(Infinity)
    expect(quota.waitMs(NOON, 100, 1)).toBe(Infinity)
    expect(quota.waitMs(NOON, 20, 11)).toBe(APRIL - NOON)
  })

  it('without a calendar never starts anew', () => {
    const quota = new Quota({ key: 'q', algorithm: 'quota', capacity: 100, perMs: Infinity }, NOON)
    quota.count(NOON, 70)
    expect([quota.free(NOON + 1e13), quota.waitMs(NOON, 31, 0), quota.atRest(NOON + 1e13)]).toEqual([
      30,
      Infinity,
      false,
    ])
  })

  it('gives a refund to the period that was charged, and to no other; what was used more is never free', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 70)
    quota.correct(NOON + 1, NOON, 70, 20)
    expect(quota.free(NOON + 1)).toBe(80)
    quota.count(APRIL, 10)
    quota.correct(APRIL, NOON, 20, 5)
    expect(quota.free(APRIL)).toBe(90)
    quota.correct(APRIL, NOON, 20, 25)
    expect(quota.free(APRIL)).toBe(85)
  })

  it('is charged what was used more in the period in which that is known', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 70)
    quota.correct(APRIL, NOON, 70, 75)
    expect(quota.free(APRIL)).toBe(95)
  })

  it('is charged where its period begins', () => {
    const quota = new Quota(bucket(), APRIL - 1)
    quota.count(APRIL, 10)
    quota.correct(APRIL, APRIL, 10, 4)
    expect(quota.free(APRIL)).toBe(96)
  })

  it('believes a header that says less is left, and none that says more', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 20)
    quota.told(NOON, { remaining: 90, resetMs: undefined, ageMs: 0 })
    expect(quota.free(NOON)).toBe(80)
    quota.told(NOON, { remaining: 30, resetMs: undefined, ageMs: 0 })
    expect(quota.free(NOON)).toBe(30)
    expect(quota.free(APRIL)).toBe(100)
  })

  it('is told nothing by the header of a call that may be about the period before', () => {
    const told = (sentAfter: number) => {
      const quota = new Quota(bucket({ guardMs: 500 }), NOON)
      quota.told(APRIL + 1_000, { remaining: 10, resetMs: undefined, ageMs: 1_000 - sentAfter })
      return quota.free(APRIL + 1_000)
    }
    expect([told(-1), told(499), told(500)]).toEqual([100, 100, 10])
  })

  it('rests when nothing is used, held or paused', () => {
    const quota = new Quota(bucket(), NOON)
    expect(quota.atRest(NOON)).toBe(true)
    quota.hold(NOON, 1)
    expect(quota.atRest(NOON)).toBe(false)
    quota.drop(NOON, 1)
    quota.count(NOON, 1)
    expect([quota.atRest(NOON), quota.atRest(APRIL)]).toEqual([false, true])
    quota.pause(APRIL, 50, 0)
    expect([quota.atRest(APRIL + 49), quota.atRest(APRIL + 50)]).toEqual([false, true])
    quota.pause(APRIL, 10, 0)
    expect(quota.atRest(APRIL + 49)).toBe(false)
  })

  it('of another size keeps what was used of it', () => {
    const quota = new Quota(bucket(), NOON)
    quota.count(NOON, 70)
    quota.resize(NOON, bucket({ capacity: 50 }))
    expect(quota.free(NOON)).toBe(-20)
    quota.resize(NOON, bucket({ capacity: 500, calendar: { every: 'day', timeZone: 'UTC' } }))
    expect(quota.free(NOON)).toBe(430)
    expect(quota.free(at('2026-03-16T00:00:00Z'))).toBe(500)
  })

  it('carries nothing of a period that was over before its amount changed', () => {
    const quota = new Quota(bucket({ calendar: { every: 'day', timeZone: 'UTC' } }), NOON)
    quota.count(NOON, 70)
    const tomorrow = NOON + 86_400_000
    quota.resize(tomorrow, bucket({ capacity: 50, calendar: { every: 'day', timeZone: 'UTC' } }))
    expect(quota.free(tomorrow)).toBe(50)
  })
})

describe('what takes nothing', () => {
  it('lacks nothing: of a bucket that is overdrawn, too', () => {
    const store = new MemoryStore()
    const op = { buckets: [bucket()], leaves: [0], holder: 1, rank: 1, claimable: 0, leaseMs: 1_000 }
    const reserve = (id: number, amount: number) => {
      let kind = ''
      store.send({ type: 'reserve', id, amounts: [amount], ...op }, NOON, (answer) => {
        kind = answer.kind
      })
      return kind
    }
    reserve(1, 100)
    store.send({ type: 'settle', id: 1, amounts: [150], refund: true }, NOON, () => {})
    expect([reserve(2, 1), reserve(3, 0)]).toEqual(['refused', 'granted'])
    let waits: unknown
    store.send({ type: 'peek', buckets: [bucket()], amounts: [0], leaves: [0] }, NOON, (answer) => {
      waits = answer
    })
    expect(waits).toMatchObject({ levels: [{ available: -50, capacity: 100, waitMs: 0 }] })
  })
})

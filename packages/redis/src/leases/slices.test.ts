import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import type { LeaseOp, SliceNow } from './lease-op.ts'
import { Slices } from './slices.ts'

const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 10_000, perMs: 60_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 100, perMs: Infinity }
const TTL_MS = 100

/** A process, and a store that gives what it is asked for, unless it is told otherwise. */
function setUp(share = 0.1) {
  const slices = new Slices({ share, ttlMs: TTL_MS })
  const held = new Map<string, number>()
  let ids = 0
  const reserve = (now: number, amount = 10, rest: Partial<ReserveOp> = {}): number | undefined => {
    const buckets = rest.buckets ?? [TOKENS]
    const id = ++ids
    const isHere = slices.reserve(
      {
        type: 'reserve',
        id,
        buckets,
        amounts: buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : amount)),
        leaves: buckets.map(() => 0),
        holder: 1,
        rank: 1,
        claimable: 1,
        leaseMs: 60_000,
        ...rest,
      },
      now,
    )
    return isHere ? id : undefined
  }
  const answer = (op: LeaseOp, now: number, given: Partial<SliceNow> & { gives?: number } = {}) => {
    const answers = op.slices.map(({ bucket, dropped, returned, wanted }) => {
      const left = (held.get(bucket.key) ?? 0) - dropped - returned
      const parted = op.parts.flatMap(({ entries }) => entries).filter(({ key }) => key === bucket.key)
      const gone = parted.reduce((total, entry) => total + (entry.held ? entry.amount : 0), 0)
      held.set(bucket.key, left - gone + Math.min(wanted, given.gives ?? wanted))
      return { held: held.get(bucket.key)!, born: '1', wanted: false, kept: true, ...given }
    })
    return slices.heard({ kind: 'leased', at: now, slices: answers }, now)
  }
  const tellAll = (now: number, given: Partial<SliceNow> & { gives?: number } = {}): LeaseOp | undefined => {
    const op = slices.tell(now)
    if (op !== undefined) answer(op, now, given)
    return op
  }
  const settle = (id: number | undefined, now: number, amount: number) =>
    slices.told({ type: 'settle', id: id!, amounts: [amount], refund: true }, now)
  /** Until calls are let in here. */
  const warm = (now: number, rest: Partial<ReserveOp> = {}): void => {
    for (let times = 0; times < 8; times++) reserve(now, 10, rest)
    tellAll(now)
  }
  return { slices, held, reserve, answer, tellAll, settle, warm }
}

describe('slices', () => {
  it('are taken of what is asked for again and again: with the third time, and not for the first two', () => {
    const { slices, reserve } = setUp()
    const asked = [0, 0, 0].map((now) => {
      reserve(now)
      return slices.tell(now)?.slices[0]?.wanted
    })
    expect(asked).toEqual([undefined, undefined, 40])
  })

  it('are not taken of what is asked for as often, but over a longer time', () => {
    const { slices, reserve } = setUp()
    for (let times = 0; times < 20; times++) reserve(times * TTL_MS)
    expect([slices.tell(20 * TTL_MS), slices.size]).toEqual([undefined, 0])
  })

  it('are taken of all buckets of a call or of none: one alone lets nobody in', () => {
    const { slices, reserve } = setUp()
    for (let times = 0; times < 20; times++) {
      const own = { ...TOKENS, key: `budget:tenant=${times}:tokens` }
      reserve(0, 10, { buckets: [TOKENS, own] })
    }
    expect(slices.tell(0)).toBeUndefined()
  })

  it('are not taken of one bucket where those of another are too small for it', () => {
    const { slices, reserve } = setUp()
    const few = { ...SLOTS, capacity: 8 }
    for (let times = 0; times < 20; times++) reserve(0, 10, { buckets: [TOKENS, few] })
    expect([slices.tell(0), slices.urgency]).toEqual([undefined, undefined])
  })

  it('go back, all of them, where there is no room in one', () => {
    const { slices, reserve, answer, tellAll, held } = setUp()
    const buckets = [TOKENS, SLOTS]
    for (let times = 0; times < 8; times++) reserve(0, 10, { buckets })
    const op = slices.tell(0)!
    answer({ ...op, slices: op.slices.map((one) => (one.bucket === SLOTS ? { ...one, wanted: 0 } : one)) }, 0)
    expect([held.get('tokens'), held.get('slots')]).toEqual([240, 0])
    for (let now = 10; now < 4 * TTL_MS; now += 10) {
      reserve(now, 10, { buckets })
      const asked = slices.tell(now)
      if (asked !== undefined)
        answer(
          {
            ...asked,
            slices: asked.slices.map((one) => (one.bucket === SLOTS ? { ...one, wanted: 0 } : one)),
          },
          now,
        )
    }
    tellAll(4 * TTL_MS)
    expect(held.get('tokens')).toBeLessThan(240)
  })

  it('hold no more than their share, nor than four times what was asked for of late', () => {
    const asked = (count: number) => {
      const { slices, reserve } = setUp()
      for (let times = 0; times < count; times++) reserve(0)
      return slices.tell(0)!.slices[0]!.wanted
    }
    // Of five the last three would have been let in here.
    expect([asked(5), asked(1_000)]).toEqual([120, 1_000])
  })

  it('are not taken where they would hold fewer than four calls', () => {
    const { slices, reserve } = setUp(0.01)
    for (let times = 0; times < 10; times++) reserve(0, 26)
    expect(slices.tell(0)).toBeUndefined()
  })

  it('let in what fits and no more, without a trip', () => {
    const { slices, reserve, warm } = setUp()
    warm(0)
    expect(slices.free('tokens', 1)).toBe(240)
    const here = Array.from({ length: 40 }, () => reserve(1)).filter((id) => id !== undefined)
    expect([here.length, slices.free('tokens', 1)]).toEqual([24, 0])
  })

  it('are asked for more of when half is gone, while one question is out at most', () => {
    const { slices, reserve, warm, answer } = setUp()
    warm(0)
    for (let times = 0; times < 12; times++) reserve(1)
    expect(slices.urgency).toBeUndefined()
    reserve(1)
    expect(slices.urgency).toBe('now')
    const op = slices.tell(1)!
    expect([op.slices[0]!.wanted, slices.tell(1)]).toEqual([760 - 110, undefined])
    answer(op, 2)
    expect(slices.free('tokens', 2)).toBe(760)
  })

  it('are drawn on for their time from when they were asked for, and no longer', () => {
    const { slices, reserve, answer } = setUp()
    for (let times = 0; times < 8; times++) reserve(0)
    answer(slices.tell(0)!, 60)
    expect([reserve(99) === undefined, reserve(100) === undefined]).toEqual([false, true])
  })

  it('are drawn on for no more than a quarter of their lease, which calls drawn last must not outlive', () => {
    const { reserve, warm } = setUp()
    warm(0, { leaseMs: 200 })
    expect([reserve(49) === undefined, reserve(50) === undefined]).toEqual([false, true])
  })

  it('stay, where they are still asked for, and go back where they are not', () => {
    const { slices, reserve, tellAll, warm, held } = setUp()
    warm(0)
    for (let times = 0; times < 4; times++) reserve(90)
    tellAll(110)
    expect(reserve(111)).toBeDefined()
    expect(slices.nextExpiry).toBe(210)
    tellAll(500)
    expect(slices.free('tokens', 500)).toBe(0)
    expect(held.get('tokens')).toBe(50)
  })

  it('go back in part where less is asked for than was', () => {
    const { slices, reserve, warm, tellAll } = setUp()
    warm(0)
    for (let times = 0; times < 20; times++) reserve(1)
    tellAll(1)
    const before = slices.free('tokens', 2)
    for (let now = 60; now <= 340; now += 40) {
      for (let times = 0; times < 2; times++) reserve(now)
      tellAll(now)
    }
    // Five calls of 10 in a period, four times over.
    expect([before, slices.free('tokens', 340) <= 2 * 4 * 60]).toEqual([1_000, true])
  })

  it('are not asked for again soon where there is no room for them', () => {
    const { reserve, tellAll } = setUp()
    for (let times = 0; times < 8; times++) reserve(0)
    expect(tellAll(0, { gives: 0 })!.slices[0]!.wanted).toBeGreaterThan(0)
    reserve(99)
    expect(tellAll(99)).toBeUndefined()
    reserve(100)
    expect(tellAll(100)!.slices[0]!.wanted).toBeGreaterThan(0)
  })

  it('go back at once where somebody waits for them, and are not asked for again soon', () => {
    const { slices, reserve, answer, warm, tellAll } = setUp()
    warm(0)
    for (let times = 0; times < 20; times++) reserve(1)
    answer(slices.tell(1)!, 2, { wanted: true })
    expect([reserve(3), slices.urgency]).toEqual([undefined, 'now'])
    expect(tellAll(3)!.slices[0]).toMatchObject({ returned: 1_000, wanted: 0 })
    expect(tellAll(4)).toBeUndefined()
    reserve(103)
    expect(tellAll(103)!.slices[0]!.wanted).toBeGreaterThan(0)
  })

  it('are not drawn on when they were asked for before they were stopped', () => {
    const { slices, reserve, answer, tellAll } = setUp()
    for (let times = 0; times < 8; times++) reserve(0)
    const op = slices.tell(0)!
    slices.stop(['tokens'], 1)
    answer(op, 2)
    expect(reserve(3)).toBeUndefined()
    expect(tellAll(3)!.slices[0]!.returned).toBe(240)
  })

  it('are drawn on by no lower priority than they were asked for with', () => {
    const { reserve, warm, tellAll } = setUp()
    warm(0)
    expect(reserve(1, 10, { rank: 2 })).toBeUndefined()
    expect(reserve(1, 10, { rank: 0 })).toBeDefined()
    // It asks whether enough is left behind for those above it.
    tellAll(1, { kept: false })
    expect(reserve(2, 10, { rank: 2 })).toBeUndefined()
    tellAll(2)
    expect(reserve(3, 10, { rank: 2 })).toBeDefined()
  })

  it('tell what was counted together, and later what of it was not used, each at its time', () => {
    const { slices, reserve, settle, tellAll, warm } = setUp()
    warm(0)
    const ids = [1, 2, 3].map(() => reserve(1))
    const acknowledge = (id: number | undefined) => slices.told({ type: 'acknowledge', id: id! }, 2)
    acknowledge(ids[0])
    settle(ids[0], 2, 4)
    acknowledge(ids[1])
    expect(tellAll(5)!.slices[0]).toMatchObject({ dropped: 20, counted: 14, corrections: [] })
    settle(ids[1], 6, 3)
    settle(ids[2], 6, 10)
    expect(tellAll(7)!.slices[0]).toMatchObject({
      dropped: 10,
      counted: 10,
      corrections: [{ at: 5, charged: 10, actual: 3 }],
    })
  })

  it('count what was not reserved, and only has a bucket in common', () => {
    const { slices, reserve, settle, warm, tellAll } = setUp()
    warm(0)
    settle(reserve(1, 0), 2, 7)
    expect(tellAll(3)!.slices[0]).toMatchObject({ dropped: 0, counted: 7 })
    expect(slices.free('tokens', 3)).toBe(240)
  })

  it('have slots that are free again when a call is over, for the next', () => {
    const { slices, reserve, warm } = setUp()
    const buckets = [SLOTS]
    warm(0, { buckets })
    const ids = Array.from({ length: 10 }, () => reserve(1, 1, { buckets })!)
    expect(slices.free('slots', 1)).toBe(0)
    slices.told({ type: 'release-slots', id: ids[0]! }, 2)
    slices.told({ type: 'settle', id: ids[0]!, amounts: [1], refund: true }, 2)
    slices.told({ type: 'cancel', id: ids[1]! }, 2)
    expect(slices.free('slots', 2)).toBe(2)
  })

  it('say that their calls are alive, and not with each word of them', () => {
    const { slices, reserve, warm, tellAll } = setUp()
    warm(0)
    const id = reserve(1)!
    tellAll(400)
    const told = [5_000, 8_000, 9_000].map((now) => {
      slices.told({ type: 'refresh', id }, now)
      return tellAll(now) !== undefined
    })
    expect(told).toEqual([false, true, false])
  })

  it('are gone where the store holds less than it should, and those who drew on them concern it no more', () => {
    const { slices, reserve, settle, warm, answer, tellAll } = setUp()
    warm(0)
    const id = reserve(1)
    slices.told({ type: 'acknowledge', id: id! }, 2)
    answer(slices.tell(2)!, 3, { held: 0 })
    expect([slices.size, reserve(4)]).toEqual([0, undefined])
    settle(id, 5, 2)
    expect(tellAll(5)?.slices.some(({ corrections }) => corrections.length > 0)).toBe(false)
  })

  it('are as many as are bounded, however many buckets are hot', () => {
    const { slices, reserve } = setUp()
    for (let nth = 0; nth < 1_000; nth++) {
      for (let times = 0; times < 3; times++) reserve(0, 10, { buckets: [{ ...TOKENS, key: `${nth}` }] })
    }
    expect(slices.size).toBe(256)
    slices.tell(10 * TTL_MS)
    expect(slices.size).toBe(0)
  })

  it('leave behind what is open and what was used, for a store that has lost all', () => {
    const { slices, reserve, settle, warm } = setUp()
    warm(0)
    const [one, other] = [reserve(1), reserve(1)]
    settle(one, 2, 6)
    slices.tell(3)
    settle(reserve(4), 5, 5)
    slices.told({ type: 'acknowledge', id: other! }, 5)
    expect(slices.abandon()).toMatchObject({
      open: [{ reserve: { id: other }, acknowledged: true }],
      used: [{ bucket: TOKENS, amount: 6 + 5 + 10 }],
    })
    expect([slices.size, slices.has(other!), slices.out]).toEqual([0, false, undefined])
  })
})

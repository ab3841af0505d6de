import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Op } from './port.ts'

const MINUTE = 60_000
const BUCKET: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 100, perMs: MINUTE }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 2, perMs: Infinity }

function setUp(store = new MemoryStore()) {
  let id = 0
  const send = (op: Op, now: number): unknown => {
    let answer: unknown
    store.send(op, now, (given) => {
      answer = given
    })
    return answer
  }
  const reserve = (
    now: number,
    buckets: readonly Bucket[],
    amounts: readonly number[],
    leaseMs = 10_000,
  ): number => {
    const leaves = buckets.map(() => 0)
    send(
      { type: 'reserve', id: ++id, buckets, amounts, leaves, holder: 1, rank: 1, claimable: 0, leaseMs },
      now,
    )
    return id
  }
  const left = (bucket: Bucket, now: number): number => {
    const answer = send({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, now)
    return (answer as { levels: { available: number }[] }).levels[0]!.available
  }
  return { store, send, reserve, left }
}

describe('a lease that runs out', () => {
  it('frees the slots and lets the estimate stand', () => {
    const { store, reserve, left } = setUp()
    reserve(0, [BUCKET, SLOTS], [40, 1])
    expect([left(SLOTS, 9_999), store.open]).toEqual([1, 1])
    expect([left(SLOTS, 10_000), left(BUCKET, 10_000), store.open]).toEqual([2, 60, 0])
  })

  it('is begun anew by a refresh', () => {
    const { send, reserve, left } = setUp()
    const id = reserve(0, [SLOTS], [1])
    send({ type: 'refresh', id }, 9_000)
    expect([left(SLOTS, 18_999), left(SLOTS, 19_000)]).toEqual([1, 2])
  })

  it('is settled late without counting twice', () => {
    const { send, reserve, left } = setUp()
    const id = reserve(0, [BUCKET, SLOTS], [40, 1])
    expect(left(BUCKET, 10_000)).toBe(60)
    send({ type: 'settle', id, amounts: [90, 1], refund: true }, 10_001)
    send({ type: 'cancel', id }, 10_002)
    expect([left(BUCKET, 10_003), left(SLOTS, 10_003)]).toEqual([60, 2])
  })
})

describe('settling', () => {
  it('refunds or charges what it came to', () => {
    const { send, reserve, left } = setUp()
    send({ type: 'settle', id: reserve(0, [BUCKET], [40]), amounts: [10], refund: true }, 0)
    expect(left(BUCKET, 0)).toBe(90)
    send({ type: 'settle', id: reserve(0, [BUCKET], [40]), amounts: [70], refund: true }, 0)
    expect(left(BUCKET, 0)).toBe(20)
  })

  it('without a refund only charges', () => {
    const { send, reserve, left } = setUp()
    send({ type: 'settle', id: reserve(0, [BUCKET], [40]), amounts: [10], refund: false }, 0)
    expect(left(BUCKET, 0)).toBe(60)
  })

  it('of live output charges it when it is over, not when it was acknowledged', () => {
    const { send, reserve, left } = setUp()
    const live = { ...BUCKET, live: true }
    const id = reserve(0, [live], [40])
    send({ type: 'acknowledge', id }, 0)
    send({ type: 'settle', id, amounts: [30], refund: true }, 5_000)
    expect([left(live, 63_000), left(live, 66_000)]).toEqual([70, 100])
  })
})

describe('cancelling', () => {
  it('gives everything back, counted or not', () => {
    const { send, reserve, left } = setUp()
    const one = reserve(0, [BUCKET, SLOTS], [40, 1])
    const other = reserve(0, [BUCKET, SLOTS], [40, 1])
    send({ type: 'acknowledge', id: other }, 100)
    for (const id of [one, other]) send({ type: 'cancel', id }, 200)
    expect([left(BUCKET, 200), left(SLOTS, 200)]).toEqual([100, 2])
  })
})

describe('what a header says is left', () => {
  const observe = (ageMs: number): Op => ({
    type: 'observe',
    bucket: BUCKET,
    remaining: 50,
    resetMs: undefined,
    ageMs,
  })

  it('may or may not hold what is not counted yet: a fresh word is held to be without it', () => {
    const { send, reserve, left } = setUp()
    reserve(0, [BUCKET], [30])
    send(observe(MINUTE / 20), 0)
    expect(left(BUCKET, 0)).toBe(20)
  })

  it('an old one is held to have it', () => {
    const { send, reserve, left } = setUp()
    reserve(0, [BUCKET], [30])
    send(observe(MINUTE / 20 + 1), 0)
    expect(left(BUCKET, 0)).toBe(50)
  })
})

describe('what a store remembers', () => {
  const bucket = (nth: number): Bucket => ({ ...BUCKET, key: `bucket-${nth}` })

  it('is bounded: buckets that rest make way', () => {
    const { store, send, reserve } = setUp(new MemoryStore({ maxKeys: 100 }))
    for (let nth = 0; nth < 1_000; nth++) send({ type: 'cancel', id: reserve(nth, [bucket(nth)], [10]) }, nth)
    expect(store.buckets).toBeLessThanOrEqual(100)
  })

  it('is never bought by forgetting what is used', () => {
    const { store, reserve, left } = setUp(new MemoryStore({ maxKeys: 100 }))
    for (let nth = 0; nth < 300; nth++) reserve(0, [bucket(nth)], [10])
    expect(store.buckets).toBe(300)
    expect(Array.from({ length: 300 }, (_, nth) => left(bucket(nth), 1)).every((room) => room === 90)).toBe(
      true,
    )
  })

  it('keeps a claim', () => {
    const { reserve, store } = setUp(new MemoryStore({ maxKeys: 64 }))
    const full = { ...SLOTS, key: 'full' }
    reserve(0, [full], [2])
    const op = {
      buckets: [bucket(0), full],
      amounts: [10, 1],
      leaves: [0, 0],
      holder: 7,
      rank: 1,
      claimable: 2,
      leaseMs: 1e6,
    }
    store.send({ type: 'reserve', id: 1e6, ...op }, 0, () => {})
    for (let nth = 1; nth < 200; nth++) reserve(0, [bucket(nth)], [1])
    let kind = ''
    store.send(
      {
        type: 'reserve',
        id: 1e6 + 1,
        ...op,
        buckets: [bucket(0)],
        amounts: [95],
        leaves: [0],
        holder: 8,
        claimable: 1,
      },
      1,
      (answer) => {
        kind = answer.kind
      },
    )
    expect(kind).toBe('refused')
  })

  it('is gone when it is told to forget', () => {
    const { store, send, reserve, left } = setUp()
    reserve(0, [BUCKET], [60])
    send({ type: 'forget', keys: ['tokens', 'unknown'] }, 0)
    expect([store.buckets, left(BUCKET, 0)]).toEqual([0, 100])
  })
})

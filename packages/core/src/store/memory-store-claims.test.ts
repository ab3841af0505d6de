import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Lack, Op, ReserveAnswer, ReserveOp } from './port.ts'

const MINUTE = 60_000
const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 100, perMs: MINUTE }
const OTHER: Bucket = { key: 'other', algorithm: 'token-bucket', capacity: 10, perMs: MINUTE }
const BUDGET: Bucket = { key: 'budget', algorithm: 'token-bucket', capacity: 50, perMs: MINUTE }

function setUp() {
  const store = new MemoryStore()
  let id = 0
  const send = <O extends Op>(op: O, now: number): unknown => {
    let answer: unknown
    store.send(op, now, (given) => {
      answer = given
    })
    return answer
  }
  const reserve = (now: number, amounts: readonly number[], rest: Partial<ReserveOp> = {}): ReserveAnswer => {
    const buckets = rest.buckets ?? [TOKENS]
    const leaves = buckets.map(() => 0)
    const rank = { rank: 1, holder: 1, claimable: buckets.length, leaseMs: 10 * MINUTE }
    return send(
      { type: 'reserve', id: ++id, buckets, amounts, leaves, ...rank, ...rest },
      now,
    ) as ReserveAnswer
  }
  /** 60 of 100 are used, and holder 1 has been refused 80: it waits 24 s and claims them. */
  const claimed = () => {
    reserve(0, [60])
    send({ type: 'acknowledge', id: 1 }, 0)
    return (reserve(0, [80]) as { lacks: readonly Lack[] }).lacks
  }
  const available = (bucket: Bucket, now: number): number => {
    const answer = send({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, now)
    return (answer as { levels: { available: number }[] }).levels[0]!.available
  }
  return { store, send, reserve, claimed, available }
}

describe('a reserve', () => {
  it('takes of all buckets or of none', () => {
    const { reserve, available } = setUp()
    expect(reserve(0, [50, 20], { buckets: [TOKENS, OTHER] })).toMatchObject({ kind: 'refused' })
    expect([available(TOKENS, 0), available(OTHER, 0)]).toEqual([100, 10])
    expect(reserve(0, [50, 10], { buckets: [TOKENS, OTHER], holder: 1 }).kind).toBe('granted')
    expect([available(TOKENS, 0), available(OTHER, 0)]).toEqual([50, 0])
  })

  it('names every bucket that lacks room, and how long for', () => {
    const { reserve } = setUp()
    reserve(0, [100, 10], { buckets: [TOKENS, OTHER] })
    const answer = reserve(0, [50, 1], { buckets: [TOKENS, OTHER] })
    expect(answer).toMatchObject({
      lacks: [
        { index: 0, never: false },
        { index: 1, never: false },
      ],
    })
  })

  it('of more than a bucket ever holds is never granted, and says so', () => {
    const { reserve } = setUp()
    expect(reserve(0, [101])).toEqual({
      kind: 'refused',
      lacks: [{ index: 0, never: true, waitMs: Infinity }],
    })
  })

  it('of all that a bucket holds waits until it is whole', () => {
    const { reserve } = setUp()
    reserve(0, [60])
    expect(reserve(0, [100])).toMatchObject({ lacks: [{ never: false, waitMs: 36_000 }] })
  })

  it('leaves behind what it is to leave for others', () => {
    const { reserve } = setUp()
    expect([reserve(0, [60], { leaves: [50] }).kind, reserve(0, [60], { leaves: [40] }).kind]).toEqual([
      'refused',
      'granted',
    ])
  })
})

describe('a claim', () => {
  it('makes others leave room for whoever was refused', () => {
    const { reserve, claimed } = setUp()
    expect(claimed()).toMatchObject([{ waitMs: 24_000 }])
    expect(reserve(0, [10], { holder: 2 }).kind).toBe('refused')
    expect(reserve(24_000, [80]).kind).toBe('granted')
  })

  it('is no obstacle to its own holder', () => {
    const { reserve, claimed } = setUp()
    claimed()
    expect(reserve(0, [30]).kind).toBe('granted')
  })

  it('yields to a higher priority, and not to a lower or its own', () => {
    const { reserve, claimed } = setUp()
    claimed()
    const kinds = [2, 1, 0].map((rank) => reserve(0, [10], { holder: 2, rank }).kind)
    expect(kinds).toEqual(['refused', 'refused', 'granted'])
  })

  it('is taken over by a higher priority that is refused, and then holds against the first', () => {
    const { reserve, claimed } = setUp()
    claimed()
    expect(reserve(0, [90], { holder: 2, rank: 0 }).kind).toBe('refused')
    expect(reserve(24_000, [80]).kind).toBe('refused')
    expect(reserve(30_000, [90], { holder: 2, rank: 0 }).kind).toBe('granted')
  })

  it('of somebody else stands: a second one that is refused lays none over it', () => {
    const { reserve, claimed } = setUp()
    claimed()
    reserve(0, [95], { holder: 2 })
    expect(reserve(24_000, [80]).kind).toBe('granted')
  })

  it('runs out a second after the wait that it was laid for', () => {
    const { reserve, claimed } = setUp()
    claimed()
    expect(reserve(24_999, [10], { holder: 2 }).kind).toBe('refused')
    expect(reserve(25_000, [10], { holder: 2 }).kind).toBe('granted')
  })

  it('runs out a second after the longest of the waits', () => {
    const { reserve, send } = setUp()
    reserve(0, [100, 10], { buckets: [TOKENS, OTHER] })
    send({ type: 'acknowledge', id: 1 }, 0)
    // 24 s for the one, 60 s for the other.
    reserve(0, [40, 10], { buckets: [TOKENS, OTHER], holder: 5 })
    expect(reserve(60_999, [61], { holder: 2 }).kind).toBe('refused')
    expect(reserve(61_000, [61], { holder: 2 }).kind).toBe('granted')
  })

  it('is laid anew each time its holder is refused', () => {
    const { reserve, claimed } = setUp()
    claimed()
    // 16 s before there is room for so much.
    expect(reserve(20_000, [90]).kind).toBe('refused')
    expect(reserve(30_000, [10], { holder: 2 }).kind).toBe('refused')
    expect(reserve(30_000, [90]).kind).toBe('granted')
  })

  it('that ran out is replaced by that of whoever is refused next', () => {
    const { reserve, claimed } = setUp()
    claimed()
    expect(reserve(25_000, [95], { holder: 2 }).kind).toBe('refused')
    expect(reserve(25_000, [10], { holder: 3 }).kind).toBe('refused')
  })

  it('stays when somebody else is granted', () => {
    const { reserve, claimed } = setUp()
    claimed()
    expect(reserve(24_000, [0], { holder: 2 }).kind).toBe('granted')
    expect(reserve(24_000, [10], { holder: 2 }).kind).toBe('refused')
  })

  it('ends when its holder is granted, or gives it up', () => {
    const { reserve, claimed, send } = setUp()
    claimed()
    send({ type: 'unclaim', holder: 2, buckets: [TOKENS] }, 0)
    expect(reserve(0, [10], { holder: 2 }).kind).toBe('refused')
    send({ type: 'unclaim', holder: 1, buckets: [TOKENS] }, 0)
    expect(reserve(0, [10], { holder: 2 }).kind).toBe('granted')
    const other = setUp()
    other.claimed()
    other.reserve(0, [1])
    expect(other.reserve(0, [10], { holder: 2 }).kind).toBe('granted')
  })

  it('is laid on every bucket of the pool, also on those that had room', () => {
    const { reserve } = setUp()
    reserve(0, [100])
    reserve(0, [50, 10], { buckets: [TOKENS, OTHER] })
    expect(reserve(0, [1], { buckets: [OTHER], holder: 2 }).kind).toBe('refused')
  })

  it('is laid by nobody who lacks something of its own: that holds up no one', () => {
    const { reserve } = setUp()
    reserve(0, [60])
    reserve(0, [50], { buckets: [BUDGET] })
    reserve(0, [80, 10], { buckets: [TOKENS, BUDGET], claimable: 1 })
    expect(reserve(0, [40], { holder: 2 }).kind).toBe('granted')
  })
})

describe('who leads what many want done', () => {
  it('is told by the store, and gives it up there', () => {
    const { send } = setUp()
    const lead = (holder: number) => send({ type: 'lead', key: 'work', holder, rank: 1, ttlMs: 100 }, 0)
    expect([lead(1), lead(2)]).toEqual([{ kind: 'leads' }, { kind: 'follows', untilMs: 100 }])
    expect(send({ type: 'unlead', key: 'work', holder: 1, overMs: 0 }, 0)).toEqual({ kind: 'done' })
    expect(lead(2)).toEqual({ kind: 'leads' })
  })
})

import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Level, Op, ReserveOp } from './port.ts'

const MINUTE = 60_000
const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 1_000, perMs: MINUTE }
const OUTPUT: Bucket = { ...TOKENS, key: 'output', live: true }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 8, perMs: Infinity }

function setUp() {
  const store = new MemoryStore()
  const send = (op: Op, now = 0): unknown => {
    let answer: unknown
    store.send(op, now, (given) => {
      answer = given
    })
    return answer
  }
  const reserve = (
    id: number,
    buckets: readonly Bucket[],
    amounts: readonly number[],
    rest: Partial<ReserveOp> = {},
  ): string => {
    const leaves = buckets.map(() => 0)
    const terms = { holder: id, rank: 1, claimable: 0, leaseMs: 1e9, ...rest }
    return (send({ type: 'reserve', id, buckets, amounts, leaves, ...terms }) as { kind: string }).kind
  }
  const level = (bucket: Bucket, now = 0, amount = 0): Level => {
    const answer = send({ type: 'peek', buckets: [bucket], amounts: [amount], leaves: [0] }, now)
    return (answer as { levels: Level[] }).levels[0]!
  }
  const left = (bucket: Bucket, now = 0) => level(bucket, now).available
  const observe = (bucket: Bucket, remaining: number) =>
    send({ type: 'observe', bucket, remaining, resetMs: undefined, ageMs: 0 })
  return { send, reserve, level, left, observe }
}

describe('an attempt that is acknowledged', () => {
  it('is counted once, however often', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [TOKENS], [100])
    send({ type: 'acknowledge', id: 1 })
    send({ type: 'acknowledge', id: 1 }, 30_000)
    expect([left(TOKENS, 30_000), left(TOKENS, 60_800)]).toEqual([900, 1_000])
  })

  it('keeps its slot until it ends', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [SLOTS], [1])
    send({ type: 'acknowledge', id: 1 })
    expect(left(SLOTS)).toBe(7)
    send({ type: 'settle', id: 1, amounts: [1], refund: true })
    expect(left(SLOTS)).toBe(8)
  })

  it('after a pause opens as many slots again', () => {
    const { send, reserve, left } = setUp()
    send({ type: 'pause', buckets: [SLOTS], forMs: 0, largest: [2] })
    reserve(1, [SLOTS], [1])
    send({ type: 'acknowledge', id: 1 })
    expect(left(SLOTS)).toBe(3)
  })

  it('after a pause opens them when it is over at the latest, and once', () => {
    const { send, reserve, left } = setUp()
    send({ type: 'pause', buckets: [SLOTS], forMs: 0, largest: [1] })
    const opened = [false, true].map((isTold, index) => {
      reserve(index, [SLOTS], [1])
      if (isTold) send({ type: 'acknowledge', id: index })
      send({ type: 'settle', id: index, amounts: [1], refund: true })
      return left(SLOTS)
    })
    expect(opened).toEqual([2, 4])
  })

  it('holds live output until it is over', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [OUTPUT], [100])
    reserve(2, [OUTPUT], [100])
    send({ type: 'acknowledge', id: 1 })
    send({ type: 'acknowledge', id: 2 })
    // Had it been counted when it was acknowledged, it would be gone by now.
    expect(left(OUTPUT, 100_000)).toBe(800)
    send({ type: 'cancel', id: 1 }, 100_000)
    expect(left(OUTPUT, 100_000)).toBe(900)
    send({ type: 'settle', id: 2, amounts: [30], refund: true }, 100_000)
    expect(left(OUTPUT, 100_000)).toBe(970)
  })

  it('of live output clears up what a header left in doubt about it when it is over', () => {
    const { send, reserve, left, observe } = setUp()
    reserve(1, [OUTPUT], [100])
    reserve(2, [OUTPUT], [200])
    observe(OUTPUT, 700)
    expect(left(OUTPUT)).toBe(400)
    send({ type: 'settle', id: 1, amounts: [100], refund: true })
    expect(left(OUTPUT)).toBe(500)
  })
})

describe('slots of an attempt', () => {
  it('are given back once, before its end or at it', () => {
    const { send, reserve, left } = setUp()
    for (const id of [1, 2, 3]) reserve(id, [SLOTS], [1])
    send({ type: 'release-slots', id: 1 })
    expect(left(SLOTS)).toBe(6)
    send({ type: 'release-slots', id: 1 })
    send({ type: 'cancel', id: 1 })
    expect(left(SLOTS)).toBe(6)
  })

  it('are given back alone: what else it holds stays', () => {
    const { send, reserve, left } = setUp()
    for (const id of [1, 2]) reserve(id, [TOKENS, SLOTS], [100, 1])
    send({ type: 'release-slots', id: 1 })
    expect([left(SLOTS), left(TOKENS)]).toEqual([7, 800])
    send({ type: 'cancel', id: 1 })
    expect([left(SLOTS), left(TOKENS)]).toEqual([7, 900])
  })

  it('are lent by one that holds other things too, and what was asked for is not written to', () => {
    const { reserve, left } = setUp()
    const single = { ...SLOTS, capacity: 1 }
    const amounts = [100, 1]
    reserve(1, [TOKENS, single], [100, 1])
    expect(reserve(2, [TOKENS, single], amounts, { parent: 1 })).toBe('granted')
    expect([amounts, left(single), left(TOKENS)]).toEqual([[100, 1], 0, 800])
  })
})

describe('a slot', () => {
  it('is lent by the nearest around a call that still has one', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [SLOTS], [1])
    // Borrows that of the first; the next inside of the first takes one of its own.
    reserve(2, [SLOTS], [1], { parent: 1 })
    reserve(3, [SLOTS], [1], { parent: 1 })
    send({ type: 'cancel', id: 2 })
    expect(left(SLOTS)).toBe(6)
    send({ type: 'release-slots', id: 3 })
    reserve(4, [SLOTS], [1], { parent: 3 })
    expect(left(SLOTS)).toBe(7)
    // That one is lent already.
    reserve(5, [SLOTS], [1], { parent: 3 })
    expect(left(SLOTS)).toBe(6)
  })
})

describe('what the store is told of an attempt it does not know', () => {
  it('changes nothing', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [TOKENS, SLOTS], [100, 1])
    send({ type: 'acknowledge', id: 2 })
    send({ type: 'release-slots', id: 2 })
    send({ type: 'refresh', id: 2 })
    send({ type: 'cancel', id: 2 })
    send({ type: 'settle', id: 2, amounts: [1, 1], refund: true })
    send({ type: 'unclaim', holder: 2, buckets: [TOKENS, OUTPUT] })
    expect([left(TOKENS), left(SLOTS)]).toEqual([900, 7])
  })
})

describe('a bucket of the store', () => {
  it('has another size when it is told so', () => {
    const { send, reserve, left } = setUp()
    reserve(1, [TOKENS], [100])
    send({ type: 'resize', bucket: { ...TOKENS, capacity: 500 } })
    expect(left(TOKENS)).toBe(400)
  })

  it('is told of how large the largest call was, which pacing must let through', () => {
    const { send, left } = setUp()
    send({ type: 'pause', buckets: [TOKENS, OUTPUT], forMs: 100, largest: [300] })
    expect([left(TOKENS, 100), left(OUTPUT, 100)]).toEqual([300, 20])
  })

  it('has nothing available during a pause, and says how long to wait', () => {
    const { send, level } = setUp()
    send({ type: 'pause', buckets: [TOKENS], forMs: 100, largest: [300] })
    expect([level(TOKENS, 40, 1), level(TOKENS, 100, 1)]).toEqual([
      { available: 0, capacity: 1_000, waitMs: 60 },
      { available: 300, capacity: 1_000, waitMs: 0 },
    ])
  })

  it('is forgotten with the holder that its key names', () => {
    const { send, reserve, left } = setUp()
    const acme = { ...TOKENS, key: 'budget:tenant=acme:tokens:60000' }
    const other = { ...TOKENS, key: 'budget:tenant=other:tokens:60000' }
    reserve(1, [acme, other], [100, 100])
    send({ type: 'forget-holder', holder: 'tenant=acme' })
    expect([left(acme), left(other)]).toEqual([1_000, 900])
  })
})

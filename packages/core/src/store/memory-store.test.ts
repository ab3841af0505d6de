import { describe, expect, it } from 'vitest'
import { FixedWindow } from './fixed-window.ts'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Op, ReserveOp } from './port.ts'
import { SlidingWindow } from './sliding-window.ts'
import { Slots } from './slots.ts'
import { TokenBucket } from './token-bucket.ts'

const MINUTE = 60_000

function bucket(algorithm: Bucket['algorithm'], capacity: number, rest: Partial<Bucket> = {}): Bucket {
  return { key: algorithm, algorithm, capacity, perMs: MINUTE, ...rest }
}

function reserve(id: number, buckets: readonly Bucket[], amounts: readonly number[]): ReserveOp {
  const leaves = amounts.map(() => 0)
  const rest = { holder: 1, rank: 1, claimable: buckets.length, leaseMs: 600_000 }
  return { type: 'reserve', id, buckets, amounts, leaves, ...rest }
}

function send(store: MemoryStore, op: Op, now: number): unknown {
  let answer: unknown
  store.send(op, now, (given) => {
    answer = given
  })
  return answer
}

describe('a limit that is not known yet', () => {
  it('still grants after a refund in a token bucket', () => {
    const meter = new TokenBucket(bucket('token-bucket', Infinity), 0)
    meter.count(0, 100)
    meter.correct(10, 0, 100, 40)
    expect(meter.fits(20, 50, 0)).toBe(true)
  })

  it.each([SlidingWindow, FixedWindow])('tells how long a pause lasts in a %o', (Kind) => {
    const meter = new Kind(bucket('sliding-window', Infinity), 0)
    meter.pause(0, 1_000, 50)
    expect(meter.waitMs(0, 50, 0)).toBe(1_000)
  })
})

describe('a token bucket', () => {
  it('gives a refund back in full where the bucket has stayed below', () => {
    const meter = new TokenBucket(bucket('token-bucket', 100), 0)
    meter.count(0, 50)
    meter.correct(1, 0, 50, 10)
    expect(meter.room(1)).toBeCloseTo(90, 1)
  })

  it('mints nothing: take 50 of 100, refill 30, take 80, and a refund of 50 leaves 20', () => {
    const meter = new TokenBucket(bucket('token-bucket', 100), 0)
    meter.count(0, 50)
    meter.count(18_000, 80)
    meter.correct(18_000, 0, 50, 0)
    expect(meter.room(18_000)).toBeCloseTo(20, 6)
  })
})

describe('asking how long a pause lasts', () => {
  it('does not move a sliding window into the future', () => {
    const meter = new SlidingWindow(bucket('sliding-window', 100, { guardMs: 0 }), 0)
    meter.hold(0, 50)
    meter.pause(0, 30_000, 1)
    meter.waitMs(0, 10, 0)
    meter.pending -= 50
    meter.count(1_000, 50)
    expect(meter.usedSince(62_000, 2_000)).toBe(0)
  })

  it('does not move a fixed window into the next one', () => {
    const meter = new FixedWindow(bucket('fixed-window', 100, { phaseMs: 0 }), 0)
    meter.count(0, 40)
    meter.pause(0, 60_000, 100)
    meter.waitMs(0, 10, 0)
    meter.count(1_000, 30)
    expect(meter.room(60_000)).toBe(100)
  })
})

describe('slots after a pause', () => {
  it('open one at first, although the call that was turned back is settled', () => {
    const store = new MemoryStore()
    const slots = bucket('slots', 8)
    send(store, reserve(1, [slots], [1]), 0)
    send(store, { type: 'pause', buckets: [slots], forMs: 1_000, largest: [1] }, 0)
    send(store, { type: 'settle', id: 1, amounts: [1], refund: true }, 0)
    expect(send(store, { type: 'peek', buckets: [slots], amounts: [1], leaves: [0] }, 1_000)).toMatchObject({
      levels: [{ available: 1 }],
    })
  })

  it('open one at first, although calls from before the pause are answered during it', () => {
    const meter = new Slots(bucket('slots', 8))
    meter.pause(0, 1_000, 1)
    meter.count(500)
    meter.count(500)
    meter.count(500)
    expect(meter.room(1_000)).toBe(1)
  })
})

describe('what is not whole', () => {
  it('leaves a window whole once all is given back', () => {
    const window = bucket('sliding-window', 10_000)
    // Any such amounts will do: three in four sets of two to six leave a rest behind.
    const amounts = [1478.081779171751, 1520.462539615325, 3813.903314766429]
    const meter = new SlidingWindow(window, 0)
    for (const amount of amounts) meter.hold(0, amount)
    for (const amount of amounts) meter.drop(0, amount)
    expect({ atRest: meter.atRest(200_000), pending: meter.pending }).toEqual({ atRest: true, pending: 0 })
  })
})

it('peeks without a trace', () => {
  const store = new MemoryStore()
  send(store, { type: 'peek', buckets: [bucket('slots', 8)], amounts: [1], leaves: [0] }, 0)
  expect(store.buckets).toBe(0)
})

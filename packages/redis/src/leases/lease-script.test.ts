import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { portOf } from '../port.ts'
import { redisForAll } from '../redis-client.fixture.ts'
import { RedisScript } from '../redis-script.ts'
import { HAS_REDIS } from '../redis-server.fixture.ts'
import type { LeaseOp, Part, SliceTold } from './lease-op.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 100, perMs: 60_000 }
const NOTHING: SliceTold = {
  bucket: TOKENS,
  born: '',
  dropped: 0,
  counted: 0,
  answered: 0,
  returned: 0,
  corrections: [],
  wanted: 0,
  least: 0,
  rank: 1,
  leave: 0,
  leaseMs: 1_000,
}

describe.skipIf(!HAS_REDIS)('a slice in the script', () => {
  const redis = redisForAll()
  let namespaces = 0

  function setUp() {
    const namespace = `script-${++namespaces}`
    const script = () => new RedisScript({ port: portOf(redis.client), namespace, timeOf: (now) => now })
    const [one, other] = [script(), script()]
    let seq = 0
    let ids = 0
    const tell = async (told: Partial<SliceTold>, now = NOW, parts: readonly Part[] = []) => {
      const op: LeaseOp = { type: 'lease', seq: ++seq, slices: [{ ...NOTHING, ...told }], parts }
      return (await one.ask(op, now)).answer.slices[0]!
    }
    const reserve = async (amount: number, now = NOW, rest: Partial<ReserveOp> = {}) => {
      const op: ReserveOp = {
        type: 'reserve',
        id: ++ids,
        buckets: [TOKENS],
        amounts: [amount],
        leaves: [0],
        holder: 7,
        rank: 1,
        claimable: 1,
        leaseMs: 60_000,
        ...rest,
      }
      return (await other.ask(op, now)).answer.kind
    }
    const left = async (now = NOW, bucket = TOKENS) => {
      const peek = { type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] } as const
      return (await other.ask(peek, now)).answer.levels[0]!.available
    }
    return { one, other, tell, reserve, left }
  }

  it('is no more than half of what is free, and nothing where that is too little', async () => {
    const { tell, reserve, left } = setUp()
    await reserve(40)
    expect((await tell({ wanted: 50 })).held).toBe(30)
    expect((await tell({ wanted: 50, least: 16 })).held).toBe(30)
    expect(await left()).toBe(30)
  })

  it('leaves what must stay for higher priorities, and says whether it has', async () => {
    const { tell } = setUp()
    expect(await tell({ wanted: 50, leave: 40 })).toMatchObject({ held: 30, kept: true })
    expect(await tell({ leave: 80 })).toMatchObject({ held: 30, kept: false })
  })

  it('leaves what somebody has laid a claim on, and is wanted back', async () => {
    const { tell, reserve } = setUp()
    await reserve(50)
    expect(await tell({ wanted: 10 })).toMatchObject({ held: 10, wanted: false })
    expect(await reserve(45)).toBe('refused')
    expect(await tell({ wanted: 10 })).toMatchObject({ held: 10, wanted: true, kept: false })
    await tell({ returned: 10 })
    expect(await reserve(45)).toBe('granted')
  })

  it('is not given in a pause, nor while its bucket is let in again paced', async () => {
    const { other, tell } = setUp()
    const wanted = { wanted: 10, leaseMs: 600_000 }
    await tell(wanted)
    await other.ask({ type: 'pause', buckets: [TOKENS], forMs: 100, largest: [10] }, NOW)
    expect(await tell(wanted)).toMatchObject({ held: 10, wanted: true })
    expect(await tell(wanted, NOW + 50_000)).toMatchObject({ held: 10, wanted: false })
    expect((await tell(wanted, NOW + 61_000)).held).toBe(20)
  })

  it('is told of once, however often it is told', async () => {
    const { one, tell, left } = setUp()
    await tell({ wanted: 20 })
    const op: LeaseOp = {
      type: 'lease',
      seq: 9,
      slices: [{ ...NOTHING, dropped: 5, counted: 3, wanted: 4 }],
      parts: [],
    }
    const answers = [NOW, NOW + 10].map(async (now) => (await one.ask(op, now)).answer)
    const [first, again] = await Promise.all(answers)
    expect(again).toEqual(first)
    expect([first!.slices[0]!.held, first!.at, await left()]).toEqual([19, NOW, 100 - 19 - 3])
  })

  it('counts as used when its lease has run out, and what was used beyond it as well', async () => {
    const { tell, left } = setUp()
    const { born } = await tell({ wanted: 20 })
    expect(await left(NOW + 2_000)).toBe(80)
    expect(await tell({ born, dropped: 5, counted: 9, returned: 3 }, NOW + 2_000)).toMatchObject({ held: 0 })
    expect([await left(NOW + 2_000), await left(NOW + 70_000)]).toEqual([76, 100])
  })

  it('of a bucket that was forgotten is nothing to its successor', async () => {
    const { other, tell, left } = setUp()
    const { born } = await tell({ wanted: 20 })
    await other.ask({ type: 'forget', keys: ['tokens'] }, NOW)
    const corrections = [{ at: NOW, charged: 5, actual: 9 }]
    const now = await tell({ born, dropped: 5, counted: 9, returned: 5, corrections, wanted: 10 })
    expect([now.held, now.born === born, await left()]).toEqual([0, false, 100])
    expect([(await tell({ wanted: 10 })).held, await left(NOW + 2_000)]).toEqual([10, 90])
  })

  it('refunds what was counted at the time at which it was', async () => {
    const { tell, left } = setUp()
    const { born } = await tell({ wanted: 20 })
    await tell({ born, dropped: 20, counted: 20 })
    await tell({ born, corrections: [{ at: NOW, charged: 20, actual: 5 }] }, NOW + 30_000)
    expect([await left(NOW + 30_000), await left(NOW + 61_000)]).toEqual([95, 100])
  })

  it('parts with a reservation that is settled and lends as any other, and runs out by itself', async () => {
    const { one, tell, left } = setUp()
    const { born } = await tell({ wanted: 20 })
    const part = (id: number, counted: Part['counted']): Part => ({
      id,
      leaseMs: 500,
      counted,
      slotsOpen: true,
      entries: [{ key: 'tokens', born, amount: 6, held: true, slots: false }],
    })
    expect((await tell({ born }, NOW, [part(1, undefined), part(2, 'now')])).held).toBe(8)
    expect(await left()).toBe(80)
    await one.ask({ type: 'cancel', id: 1 }, NOW)
    await one.ask({ type: 'settle', id: 2, amounts: [2], refund: true }, NOW + 100)
    expect(await left(NOW + 100)).toBe(100 - 8 - 2)
  })

  it('parts with nothing that it does not hold any more', async () => {
    const { one, tell, left } = setUp()
    const { born } = await tell({ wanted: 20 })
    await tell({ born, returned: 20 })
    const entries = [{ key: 'tokens', born, amount: 6, held: true, slots: false }]
    await tell({ born }, NOW, [{ id: 1, leaseMs: 500, counted: undefined, slotsOpen: true, entries }])
    await one.ask({ type: 'cancel', id: 1 }, NOW)
    expect(await left()).toBe(100)
  })

  it('opens slots again that a pause has closed, call by call', async () => {
    const { other, tell } = setUp()
    const slots: Bucket = { key: 'slots', algorithm: 'slots', capacity: 100, perMs: Infinity }
    await other.ask({ type: 'pause', buckets: [slots], forMs: 10, largest: [8] }, NOW)
    const now = NOW + 20
    const { held } = await tell({ bucket: slots, wanted: 50 }, now)
    expect(held).toBe(4)
    expect((await tell({ bucket: slots, answered: 2, wanted: 50 }, now)).held).toBe(4 + 14)
  })
})

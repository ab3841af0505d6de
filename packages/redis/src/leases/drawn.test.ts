import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { Demand } from './demand.ts'
import { Drawn } from './drawn.ts'
import { Slice } from './slice.ts'

const LEASE_MS = 8_000
const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 1_000, perMs: 60_000 }
const LIVE: Bucket = { ...TOKENS, key: 'live', live: true }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 100, perMs: Infinity }

/** A call that has drawn 10 tokens, 5 of live output and a slot, of 20 of each. */
function drawn(buckets: readonly Bucket[] = [TOKENS, LIVE, SLOTS]) {
  const slices = buckets.map((bucket) => {
    const slice = new Slice(bucket, new Demand(100, 0), { share: 0.1, ttlMs: 100 })
    slice.free = slice.held = 20
    slice.born = `of ${bucket.key}`
    return slice
  })
  const op: ReserveOp = {
    type: 'reserve',
    id: 7,
    buckets,
    amounts: buckets.map((bucket) => (bucket === TOKENS ? 10 : bucket === LIVE ? 5 : 1)),
    leaves: buckets.map(() => 0),
    holder: 1,
    rank: 1,
    claimable: 0,
    leaseMs: LEASE_MS,
  }
  const call = new Drawn(op, slices)
  /** What of each slice is to be told, without what is nothing. */
  const told = () =>
    slices.map(({ ledger }) => {
      const { batch: _, corrections, ...amounts } = ledger.take()
      const some = Object.entries(amounts).filter(([, amount]) => amount !== 0)
      return { ...Object.fromEntries(some), ...(corrections.length === 0 ? {} : { corrections }) }
    })
  /** What was counted until now is told, and the store says when it was counted. */
  const heard = (at: number) => {
    for (const { ledger } of slices) {
      const { batch } = ledger.take()
      if (batch !== undefined) batch.at = at
    }
  }
  return { call, slices, told, heard, open: () => slices.map(({ open }) => open) }
}

describe('a call that was let in from slices', () => {
  it('has drawn on each of them', () => {
    const { call, slices, told, open } = drawn()
    expect([slices.map(({ free }) => free), open()]).toEqual([
      [10, 15, 19],
      [1, 1, 1],
    ])
    expect([call.acknowledged, told()]).toEqual([false, [{}, {}, {}]])
  })

  it('is counted once when its provider has it, but for live output; its slot is answered', () => {
    const { call, told } = drawn()
    call.acknowledge()
    call.acknowledge()
    expect(call.acknowledged).toBe(true)
    expect(told()).toEqual([{ dropped: 10, counted: 10 }, {}, { answered: 1 }])
  })

  it.each([
    ['what it used', true, { dropped: 10, counted: 4 }, { dropped: 5, counted: 9 }],
    ['no less than it drew', false, { dropped: 10, counted: 10 }, { dropped: 5, counted: 9 }],
  ])('counts as %s when it is over, and gives its slot back', (_name, refund, tokens, live) => {
    const { call, told, open } = drawn()
    call.settle([4, 9, 1], refund, 0)
    expect([told(), open()]).toEqual([
      [tokens, live, { answered: 1, returned: 1 }],
      [0, 0, 0],
    ])
  })

  it('is corrected where it was told before', () => {
    const { call, told, heard } = drawn()
    call.acknowledge()
    heard(50)
    call.settle([4, 5, 1], true, 100)
    expect(told()).toEqual([
      { corrections: [{ at: 50, charged: 10, actual: 4 }] },
      { dropped: 5, counted: 5 },
      { returned: 1 },
    ])
  })

  it('gives all back where it never was sent', () => {
    const { call, told, open } = drawn()
    call.cancel(0)
    expect([told(), open()]).toEqual([
      [{ returned: 10 }, { returned: 5 }, { returned: 1 }],
      [0, 0, 0],
    ])
  })

  it('is corrected to nothing where it was counted all the same', () => {
    const { call, told } = drawn()
    call.acknowledge()
    call.cancel(0)
    expect(told()).toEqual([{ dropped: 10 }, { returned: 5 }, { answered: 1, returned: 1 }])
    const other = drawn()
    other.call.acknowledge()
    other.heard(50)
    other.call.cancel(100)
    expect(other.told()[0]).toEqual({ corrections: [{ at: 50, charged: 10, actual: 0 }] })
  })

  it('gives its slot back before it is over, and alone, once', () => {
    const { call, told, open } = drawn()
    call.releaseSlots(0)
    expect([told(), open()]).toEqual([
      [{}, {}, { returned: 1 }],
      [1, 1, 1],
    ])
    call.releaseSlots(0)
    call.cancel(0)
    expect(told()).toEqual([{ returned: 10 }, { returned: 5 }, {}])
  })

  it('is alive: the store is to hear it where an eighth of the lease of any of them has passed', () => {
    const { call, slices } = drawn([TOKENS, SLOTS])
    const tell = (slice: Slice, now: number): void => {
      slice.ledger.answered(1)
      slice.tell(now)
    }
    for (const slice of slices) tell(slice, 0)
    tell(slices[1]!, 500)
    expect([LEASE_MS / 8 - 1, LEASE_MS / 8].map((now) => call.renew(now))).toEqual([false, true])
  })
})

describe('a call that the store is to keep by itself', () => {
  const entry = (key: string, amount: number, held: boolean) => ({
    key,
    born: `of ${key}`,
    amount,
    held,
    slots: key === 'slots',
  })
  const whole = [entry('tokens', 10, true), entry('live', 5, true), entry('slots', 1, true)]
  const parted = [{ parted: 10 }, { parted: 5 }, { parted: 1 }]

  it('takes along what it has drawn', () => {
    const { call, told, open } = drawn()
    const terms = { id: 7, leaseMs: LEASE_MS, slotsOpen: true }
    expect(call.part()).toEqual({ ...terms, counted: undefined, entries: whole })
    expect([told(), open()]).toEqual([parted, [0, 0, 0]])
  })

  it('is counted with it where that is not told yet', () => {
    const { call, told } = drawn()
    call.acknowledge()
    expect(call.part()).toMatchObject({ counted: 'now', entries: whole })
    expect(told()).toEqual(parted)
  })

  it('was counted when it was told, and takes along what was not', () => {
    const { call, told, heard } = drawn()
    call.acknowledge()
    heard(50)
    const entries = [entry('tokens', 10, false), entry('live', 5, true), entry('slots', 1, true)]
    expect(call.part()).toMatchObject({ counted: 50, entries })
    expect(told()).toEqual([{}, { parted: 5 }, { parted: 1 }])
  })

  it('was counted at no time that matters where nothing of it is counted before it is over', () => {
    const { call, told } = drawn([LIVE, SLOTS])
    call.acknowledge()
    expect(call.part()).toMatchObject({ counted: 0, entries: whole.slice(1) })
    expect(told()).toEqual([{ parted: 5 }, { answered: 1, parted: 1 }])
  })

  it('takes no slot along that it has given back', () => {
    const { call, told } = drawn()
    call.releaseSlots(0)
    const entries = [...whole.slice(0, 2), entry('slots', 0, true)]
    expect(call.part()).toMatchObject({ slotsOpen: false, entries })
    expect(told()).toEqual([{ parted: 10 }, { parted: 5 }, { returned: 1 }])
  })
})

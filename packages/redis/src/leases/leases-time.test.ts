import type { Bucket, Clock, ReserveOp, Told } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import type { LeaseAnswer, LeaseOp } from './lease-op.ts'
import { Leases } from './leases.ts'

const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 10_000, perMs: 60_000 }

/** Leases of a store that gives what it is asked for, in a time that passes by hand. */
async function setUp() {
  let now = 0
  const timers = new Set<{ at: number; fn: () => void; background: boolean }>()
  const clock: Clock = {
    now: () => now,
    random: () => 0,
    timer(ms, fn, background = false) {
      const timer = { at: now + ms, fn, background }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  let held = 0
  const told: (LeaseOp | Told)[] = []
  const leases = new Leases({
    terms: { share: 0.1, ttlMs: 100 },
    clock,
    async ask(op): Promise<LeaseAnswer> {
      told.push(op)
      for (const { wanted, dropped, returned } of op.slices) held += wanted - dropped - returned
      return {
        kind: 'leased',
        at: now,
        slices: op.slices.map(() => ({ held, born: '1', wanted: false, kept: true })),
      }
    },
    observe: (op) => told.push(op),
    freed: () => {},
    parted: () => {},
  })
  let ids = 0
  const reserve = (): ReserveOp => {
    const terms = { holder: 1, rank: 1, claimable: 1, leaseMs: 60_000 }
    const op: ReserveOp = {
      type: 'reserve',
      id: ++ids,
      buckets: [TOKENS],
      amounts: [1],
      leaves: [0],
      ...terms,
    }
    leases.reserve(op)
    return op
  }
  const pass = async (until: number): Promise<void> => {
    for (let next = first(); next !== undefined && next.at <= until; next = first()) {
      now = next.at
      timers.delete(next)
      next.fn()
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await heard()
    }
    now = until
  }
  const first = () => [...timers].toSorted((one, other) => one.at - other.at)[0]
  const heard = async () => {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
  }
  for (let times = 0; times < 8; times++) reserve()
  await heard()
  return { leases, told, reserve, pass, timers, settle: ({ id }: ReserveOp) => settle(leases, id) }
}

function settle(leases: Leases, id: number): void {
  leases.told({ type: 'settle', id, amounts: [1], refund: true }, () => {})
}

describe('leases, in time', () => {
  it('keep a process until it has told what was used, and not for what goes back by itself', async () => {
    const { reserve, settle: over, pass, timers } = await setUp()
    const backgrounds = () => Array.from(timers, ({ background }) => background)
    expect(backgrounds()).toEqual([true])
    await pass(90)
    over(reserve())
    expect(backgrounds()).toEqual([false])
  })

  it('tell what has come of many calls at once, 25 ms after the first', async () => {
    const { reserve, settle: over, pass, told } = await setUp()
    const before = told.length
    for (const now of [10, 20, 30, 34]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await pass(now)
      over(reserve())
    }
    expect(told.length).toBe(before)
    await pass(36)
    expect(told.slice(before)).toMatchObject([{ slices: [{ dropped: 4, counted: 4 }] }])
  })

  it('tell a header as old as it has become', async () => {
    const { leases, pass, told } = await setUp()
    await pass(10)
    leases.about({ type: 'observe', bucket: TOKENS, remaining: 5, resetMs: undefined, ageMs: 7 })
    await pass(60)
    expect(told.at(-1)).toMatchObject({ type: 'observe', ageMs: 7 + 25 })
  })
})

import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { BegunRuns } from './begun-runs.ts'
import { Turns } from './turns.ts'
import type { Waiter } from './waiter.ts'
import { WaitingRoom } from './waiting-room.ts'

function setUp(...waiting: Waiter[]) {
  const room = new WaitingRoom(() => 1, new BegunRuns())
  const turns = new Turns(room, () => 1_000)
  for (const one of waiting) room.enter(one)
  const grant = (now: number) => {
    const turn = turns.next(now)!
    room.grant(turn.waiter)
    turns.granted(turn, 1_000)
    return turn
  }
  return { room, turns, grant }
}

describe('whose turn it is', () => {
  it('is nobody’s where nobody waits', () => {
    expect(setUp().turns.next(0)).toBeUndefined()
  })

  it('is that of nested calls, then of the foremost priority', () => {
    const [low, high, nested] = [waiter({ rank: 2 }), waiter({ rank: 0 }), waiter({ rank: 2, parent: 1 })]
    const { grant } = setUp(low, high, nested)
    expect([grant(0).waiter, grant(0).waiter, grant(0).waiter]).toEqual([nested, high, low])
  })

  it('stays that of a head that was refused, though another tenant has had less', () => {
    const [large, small] = [waiter({ tenant: 'large', cost: 100 }), waiter({ tenant: 'small', cost: 1 })]
    const { room, turns } = setUp(large)
    turns.refused(turns.next(0)!)
    room.of(1).correct(large.line!, 500)
    room.enter(small)
    expect([turns.next(0)!.waiter, turns.isClaim(large)]).toEqual([large, true])
    turns.left(large)
    room.leave(large)
    expect(turns.next(0)!.waiter).toBe(small)
  })

  it('passes to the next nested call when one is refused, and back to all when something has changed', () => {
    const [one, other] = [waiter({ parent: 1 }), waiter({ parent: 2 })]
    const { turns } = setUp(one, other)
    expect(turns.refused(turns.next(0)!)).toBe(true)
    expect(turns.next(0)!.waiter).toBe(other)
    turns.refused(turns.next(0)!)
    expect(turns.next(0)).toBeUndefined()
    turns.restart()
    expect(turns.next(0)!.waiter).toBe(one)
  })
})

describe('a class that has waited too long', () => {
  const aged = () => {
    const [low, high] = [waiter({ rank: 2, cost: 50 }), waiter({ rank: 0, cost: 50, since: 500 })]
    return { low, high, ...setUp(low, high) }
  }

  it('goes out of turn, once', () => {
    const { grant, room, low, high } = aged()
    room.enter(waiter({ rank: 2, cost: 50 }))
    expect([grant(1_000), grant(1_000)]).toMatchObject([
      { waiter: low, lifted: true },
      { waiter: high, lifted: false },
    ])
  })

  it('does not before that', () => {
    const { turns, high } = aged()
    expect(turns.next(999)).toMatchObject({ waiter: high, lifted: false })
    expect([turns.lifts(999), turns.nextLift]).toEqual([false, 1_000])
  })

  it('does not while it owes for an earlier time', () => {
    const { grant, room, turns, high } = aged()
    room.enter(waiter({ rank: 2, cost: 50 }))
    grant(1_000)
    expect([turns.lifts(5_000), turns.nextLift]).toEqual([false, Infinity])
    grant(5_000)
    // Ten grants in turn pay for one out of turn.
    for (let paid = 0; paid < 9; paid++) {
      room.enter(waiter({ rank: 0, cost: 50, since: high.since }))
      expect(grant(5_000).lifted).toBe(false)
    }
    expect(turns.lifts(5_000)).toBe(true)
  })

  it('places its fair head, not its oldest', () => {
    const [old, fresh] = [
      waiter({ rank: 2, tenant: 'greedy' }),
      waiter({ rank: 2, tenant: 'modest', since: 900 }),
    ]
    const { turns, room } = setUp(old, fresh, waiter({ rank: 0 }))
    room.of(2).correct(old.line!, 1_000)
    expect(turns.next(1_000)).toMatchObject({ waiter: fresh, lifted: true })
  })

  it('of the highest priority there is none', () => {
    expect(setUp(waiter({ rank: 0 })).turns.lifts(1e9)).toBe(false)
  })
})

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
    const { turns } = setUp()
    expect([turns.next(0), turns.nextLift]).toEqual([undefined, Infinity])
  })

  it('is that of nested calls, then of the foremost priority', () => {
    const [low, high, nested] = [waiter({ rank: 2 }), waiter({ rank: 0 }), waiter({ rank: 2, parent: 1 })]
    const { grant } = setUp(low, high, nested)
    expect([grant(0).waiter, grant(0).waiter, grant(0).waiter]).toEqual([nested, high, low])
  })

  it('stays that of a head that was refused, though another tenant has had less', () => {
    const [large, small] = [waiter({ tenant: 'large', cost: 100 }), waiter({ tenant: 'small', cost: 1 })]
    const { room, turns } = setUp(large, small)
    expect(turns.refused(turns.next(0)!)).toBe(false)
    room.of(1).correct(large.line!, 500)
    expect(room.of(1).head).toBe(small)
    expect([turns.next(0)!.waiter, turns.isClaim(large), turns.isClaim(small)]).toEqual([large, true, false])
    turns.left(small)
    expect(turns.next(0)!.waiter).toBe(large)
    turns.left(large)
    expect([turns.next(0)!.waiter, turns.isClaim(large)]).toEqual([small, false])
  })

  it('is no longer that of a head that was refused when it stands aside, or was granted', () => {
    const [aside, other] = [waiter({ tenant: 'a', own: ['budget:a'] }), waiter({ tenant: 'b' })]
    const { room, turns } = setUp(aside, other)
    turns.refused(turns.next(0)!)
    room.park(aside, 'budget:a', 5)
    expect(turns.next(0)!.waiter).toBe(other)
    const turn = turns.next(0)!
    turns.refused(turn)
    turns.granted(turn, 1_000)
    expect(turns.isClaim(other)).toBe(false)
  })

  it('stays that of a head that was refused among its tenant’s, save for one that was before it', () => {
    const [claim, begun, earlier] = [waiter({ seq: 5 }), waiter({ seq: 9, run: 'begun' }), waiter({ seq: 2 })]
    const { room, turns } = setUp(claim)
    turns.refused(turns.next(0)!)
    room.of(1).add(begun, true)
    expect([room.of(1).head, turns.next(0)!.waiter]).toEqual([begun, claim])
    room.of(1).remove(begun)
    room.enter(earlier)
    expect(turns.next(0)!.waiter).toBe(earlier)
  })

  it('of a nested call that was refused and left comes with its return', () => {
    const nested = waiter({ parent: 1 })
    const { turns } = setUp(nested)
    const turn = turns.next(0)!
    expect(turn).toEqual({ waiter: nested, lifted: false })
    turns.refused(turn)
    turns.left(nested)
    expect(turns.next(0)!.waiter).toBe(nested)
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

  it('claims nothing: it is out of turn', () => {
    const { turns, low } = aged()
    const turn = turns.next(1_000)!
    expect([turn.waiter, turns.refused(turn), turns.isClaim(low)]).toEqual([low, false, false])
  })

  it('is waited for by nobody while it goes, or a nested call does', () => {
    const { turns, room } = aged()
    room.enter(waiter({ parent: 1 }))
    expect(turns.nextLift).toBe(Infinity)
    const lifted = aged().turns
    lifted.next(1_000)
    expect(lifted.nextLift).toBe(Infinity)
  })

  it('goes on when its oldest has left, and ends when all have', () => {
    const { turns, room, low, high } = aged()
    const fresh = waiter({ rank: 2, since: 900 })
    room.enter(fresh)
    expect(turns.next(1_000)!.waiter).toBe(low)
    room.leave(low)
    expect(turns.next(1_000)).toEqual({ waiter: fresh, lifted: true })
    room.leave(fresh)
    expect(turns.next(1_000)).toEqual({ waiter: high, lifted: false })
    room.enter(waiter({ rank: 2, since: 5_000 }))
    expect([turns.next(5_000)!.waiter, turns.nextLift]).toEqual([high, 6_000])
  })

  it.each([
    ['the low one', 200, 100, 2, 1_100],
    ['the medium one', 100, 200, 1, 1_100],
    ['the medium one of two alike', 100, 100, 1, 1_100],
  ] as const)('is that which has waited longest: %s', (_which, mediumSince, lowSince, rank, at) => {
    const medium = waiter({ rank: 1, since: mediumSince })
    const low = waiter({ rank: 2, since: lowSince })
    const { turns } = setUp(waiter({ rank: 0 }), medium, low)
    expect([turns.nextLift, turns.lifts(at - 1), turns.next(at)?.waiter.ask.rank]).toEqual([at, false, rank])
  })

  it('of the highest priority there is none', () => {
    expect(setUp(waiter({ rank: 0 })).turns.lifts(1e9)).toBe(false)
  })
})

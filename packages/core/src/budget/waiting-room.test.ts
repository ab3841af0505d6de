import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { BegunRuns } from './begun-runs.ts'
import { WaitingRoom } from './waiting-room.ts'

function roomOf(...waiting: ReturnType<typeof waiter>[]): WaitingRoom {
  const room = new WaitingRoom(() => 1, new BegunRuns())
  for (const one of waiting) room.enter(one)
  return room
}

describe('a waiting room', () => {
  it('knows who is the next to run out of time, wherever they stand', () => {
    const [soon, later, never] = [
      waiter({ deadline: 10, own: ['budget:a'] }),
      waiter({ deadline: 20 }),
      waiter(),
    ]
    const room = roomOf(never, later, soon)
    room.park(soon, 'budget:a', 5)
    expect([room.nextToExpire, room.nextDeadline]).toEqual([soon, 10])
    room.leave(soon)
    room.leave(later)
    expect([room.nextDeadline, room.size]).toEqual([Infinity, 1])
  })

  it('is left once, however often', () => {
    const one = waiter()
    const room = roomOf(one, waiter())
    room.leave(one)
    room.leave(one)
    expect(room.size).toBe(1)
  })

  it('turns away the last to come of the lowest priority', () => {
    const [low, lower, high] = [waiter({ rank: 2 }), waiter({ rank: 2 }), waiter({ rank: 0 })]
    const room = roomOf(low, high, lower)
    expect(room.leastWorthy).toBe(lower)
    for (const one of [low, lower]) room.leave(one)
    expect(room.leastWorthy).toBe(high)
    room.leave(high)
    expect(room.leastWorthy).toBeUndefined()
  })

  it('has nobody in line who stands aside', () => {
    const [aside, other] = [waiter({ own: ['budget:a'] }), waiter({ rank: 2 })]
    const room = roomOf(aside, other)
    room.park(aside, 'budget:a', 5)
    expect([room.foremost, room.of(1).size, room.parking.size, room.size]).toEqual([2, 0, 1, 2])
  })

  it('keeps the other nested calls when one that stands aside leaves', () => {
    const [aside, other] = [waiter({ parent: 1, own: ['budget:a'] }), waiter({ parent: 2 })]
    const room = roomOf(aside, other)
    room.park(aside, 'budget:a', 5)
    room.leave(aside)
    expect([room.nested, room.size]).toEqual([[other], 1])
  })

  it('lets calls of a run that begins go first, in every class of its tenant', () => {
    const waiting = ([1, 2] as const).flatMap((rank) => [
      waiter({ rank, run: 'other' }),
      waiter({ rank, run: 'begins' }),
    ])
    const room = roomOf(...waiting)
    room.begin('begins', 'nobody')
    expect([room.of(1).head, room.of(2).head]).toEqual([waiting[0], waiting[2]])
    room.begin('begins', 'acme')
    expect([room.of(1).head, room.of(2).head]).toEqual([waiting[1], waiting[3]])
  })

  it('tells since when the one waits that has waited longest, wherever it stands', () => {
    const all = [
      waiter({ since: 30 }),
      waiter({ since: 10, own: ['budget:a'] }),
      waiter({ since: 20, parent: 1 }),
    ]
    const room = roomOf(...all)
    room.park(all[1]!, 'budget:a', 5)
    const seen = [1, 2, 0].map((leaving) => {
      const { oldestSince } = room
      room.leave(all[leaving]!)
      return oldestSince
    })
    expect([...seen, room.oldestSince]).toEqual([10, 20, 30, undefined])
  })

  it('lets nobody before a call of the same or a higher priority, nor before one that is nested', () => {
    const room = roomOf(waiter({ rank: 1 }))
    const before = ([0, 1, 2] as const).map((rank) => room.nobodyBefore(waiter({ rank }).ask))
    expect(before).toEqual([true, false, false])
    expect(room.nobodyBefore(waiter({ parent: 1 }).ask)).toBe(true)
    room.enter(waiter({ parent: 1 }))
    expect(room.nobodyBefore(waiter({ rank: 0 }).ask)).toBe(false)
    expect(room.nobodyBefore(waiter({ parent: 2 }).ask)).toBe(false)
  })

  it('counts what higher priorities have waiting as going before', () => {
    const room = roomOf(waiter({ rank: 0, cost: 5 }), waiter({ rank: 2, cost: 7 }))
    expect(room.aheadOf(waiter({ rank: 1 }).ask)).toEqual({ tokens: 5, calls: 1 })
    expect(room.aheadOf(waiter({ rank: 0, tenant: 'other', cost: 1 }).ask)).toEqual({ tokens: 1, calls: 0.2 })
  })

  it('tells of everyone inside: nested, in line, aside', () => {
    const all = [waiter({ parent: 1 }), waiter(), waiter({ rank: 2 }), waiter({ own: ['budget:a'] })]
    const room = roomOf(...all)
    room.park(all[3]!, 'budget:a', 1)
    expect(new Set(room.all())).toEqual(new Set(all))
    for (const one of all) room.leave(one)
    expect([[...room.all()], room.size, room.parking.size, room.nested]).toEqual([[], 0, 0, []])
  })

  it('gives the line of who was granted, for a later correction; one that is nested has none', () => {
    const [one, nested] = [waiter(), waiter({ parent: 1 })]
    const room = roomOf(one, nested)
    expect([room.grant(one)?.tenant, room.grant(nested), room.size]).toEqual(['acme', undefined, 0])
  })
})

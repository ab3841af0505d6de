import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { Parking } from './parking.ts'

const OWN = ['budget:a']

function parked(count: number, wakeAt = 100) {
  const parking = new Parking()
  const waiters = Array.from({ length: count }, () => waiter({ own: OWN }))
  for (const one of waiters) parking.add(one, 'budget:a', wakeAt)
  return { parking, waiters }
}

describe('a parking lot', () => {
  it('lets one out when there may be room, and the next when that one is through', () => {
    const { parking, waiters } = parked(3)
    expect([parking.release(99), parking.release(100), parking.release(100)]).toEqual([
      undefined,
      waiters[0],
      undefined,
    ])
    parking.remove(waiters[0]!)
    expect([parking.release(100), parking.size]).toEqual([waiters[1], 1])
  })

  it('is woken by what is given back to its bucket, and by no other', () => {
    const { parking, waiters } = parked(1, Number.POSITIVE_INFINITY)
    parking.freed('budget:b')
    expect(parking.nextWake).toBe(Number.POSITIVE_INFINITY)
    parking.freed('budget:a')
    expect(parking.release(0)).toBe(waiters[0])
  })

  it('takes back one that asked in vain, in front of those behind it, until its new time', () => {
    const { parking, waiters } = parked(2)
    const first = parking.release(100)!
    parking.add(first, 'budget:a', 300)
    expect([parking.nextWake, parking.release(299), parking.release(300)]).toEqual([
      300,
      undefined,
      waiters[0],
    ])
  })

  it('sorts by priority and then by arrival', () => {
    const parking = new Parking()
    const [low, early, late, high] = [
      waiter({ own: OWN, rank: 2, seq: 1 }),
      waiter({ own: OWN, seq: 2 }),
      waiter({ own: OWN, seq: 3 }),
      waiter({ own: OWN, rank: 0, seq: 4 }),
    ]
    for (const one of [low, late, early, high]) parking.add(one, 'budget:a', 0)
    const order = [high, early, late, low].map((expected) => {
      const out = parking.release(0)
      if (out !== undefined) parking.remove(out)
      return out === expected
    })
    expect(order).toEqual([true, true, true, true])
  })

  it('blocks whoever would pass by those that stand there, and nobody who goes before them', () => {
    const { parking } = parked(1)
    expect(parking.blocking(waiter({ own: OWN }))).toBe('budget:a')
    expect(parking.blocking(waiter({ own: OWN, rank: 0 }))).toBeUndefined()
    expect(parking.blocking(waiter({ own: ['budget:b'] }))).toBeUndefined()
  })

  it('does not block the one that was let out of it', () => {
    const { parking, waiters } = parked(2)
    parking.release(100)
    expect([parking.blocking(waiters[0]!), parking.blocking(waiter({ own: OWN }))]).toEqual([
      undefined,
      'budget:a',
    ])
  })

  it('may pass one on to another lot, and is through with it then', () => {
    const parking = new Parking()
    const [one, next] = [waiter({ own: ['budget:a', 'budget:b'] }), waiter({ own: OWN })]
    parking.add(one, 'budget:a', 0)
    parking.add(next, 'budget:a', 0)
    parking.release(0)
    parking.add(one, 'budget:b', 50)
    expect([parking.release(0), [...parking.keys]]).toEqual([next, ['budget:a', 'budget:b']])
  })

  it('sorts by priority, whoever comes first', () => {
    const parking = new Parking()
    const ranks = [2, 0, 1, 0, 2] as const
    for (const rank of ranks) parking.add(waiter({ own: OWN, rank }), 'budget:a', 0)
    expect([...parking.all()].map(({ ask }) => ask.rank)).toEqual([0, 0, 1, 2, 2])
  })

  it('blocks lower priorities behind higher ones', () => {
    expect(parked(1).parking.blocking(waiter({ own: OWN, rank: 2, seq: 0 }))).toBe('budget:a')
  })

  it('is woken by the time that its first was told, not by that of one behind it', () => {
    const { parking, waiters } = parked(1)
    parking.add(waiter({ own: OWN }), 'budget:a', 50)
    expect([parking.nextWake, parking.release(99), parking.release(100)]).toEqual([
      100,
      undefined,
      waiters[0],
    ])
    const late = parked(1)
    late.parking.add(waiter({ own: OWN }), 'budget:a', 500)
    expect(late.parking.release(100)).toBe(late.waiters[0])
  })

  it.each([
    ['behind it', 1],
    ['before it', 0],
  ] as const)('lets nobody else out while one is, not even one that comes %s', (_where, rank) => {
    const { parking, waiters } = parked(2)
    const out = parking.release(100)!
    parking.add(waiter({ own: OWN, rank }), 'budget:a', 200)
    parking.freed('budget:a')
    expect([out, parking.release(1_000), parking.nextWake]).toEqual([waiters[0], undefined, Infinity])
  })

  it('blocks newcomers while one is out, though nobody else stands there', () => {
    const { parking, waiters } = parked(2)
    parking.release(100)
    parking.remove(waiters[1]!)
    expect(parking.blocking(waiter({ own: OWN }))).toBe('budget:a')
  })

  it('is gone when its last was let out and is through', () => {
    const { parking, waiters } = parked(1)
    parking.release(100)
    parking.remove(waiters[0]!)
    expect([[...parking.keys], parking.nextWake]).toEqual([[], Infinity])
  })

  it('is woken once by what is given back twice', () => {
    const { parking, waiters } = parked(1)
    parking.freed('budget:a')
    parking.freed('budget:a')
    expect([parking.release(0), parking.release(0), parking.nextWake]).toEqual([
      waiters[0],
      undefined,
      Infinity,
    ])
  })

  it('leaves nothing behind when all have left', () => {
    const { parking, waiters } = parked(3)
    parking.release(100)
    for (const one of waiters) parking.remove(one)
    expect([parking.size, [...parking.keys], [...parking.all()], parking.nextWake]).toEqual([
      0,
      [],
      [],
      Infinity,
    ])
  })
})

describe('several parking lots', () => {
  it('wake in order of time, and before that what is given back to', () => {
    const parking = new Parking()
    const [late, soon] = [waiter({ own: ['budget:late'] }), waiter({ own: ['budget:soon'] })]
    parking.add(late, 'budget:late', 200)
    parking.add(soon, 'budget:soon', 100)
    expect(parking.nextWake).toBe(100)
    parking.freed('budget:late')
    expect([parking.release(0), parking.release(0), parking.release(100)]).toEqual([late, undefined, soon])
  })
})

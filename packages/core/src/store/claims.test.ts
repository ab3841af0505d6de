import { describe, expect, it } from 'vitest'
import { Claims } from './claims.ts'

/** Holder 1 claims 10, holder 2 is next with 60: for as long as 100 and 200. */
function two(): Claims {
  const claims = new Claims()
  claims.lay({ holder: 1, rank: 1, amount: 10, until: 100 }, 0)
  claims.lay({ holder: 2, rank: 1, amount: 60, until: 200 }, 0)
  return claims
}

/** What each of these holders must leave. */
function against(claims: Claims, now: number, rank = 1): number[] {
  return [1, 2, 3].map((holder) => claims.against(holder, rank, now))
}

describe('claims', () => {
  it('are left room for by all but their holder, and by nobody of a higher rank', () => {
    expect(against(two(), 0)).toEqual([0, 10, 10])
    expect(against(two(), 0, 0)).toEqual([0, 0, 0])
    expect([two().none, new Claims().none]).toEqual([false, true])
  })

  it('go to who is next when the first has what it waited for, however soon that is refused again', () => {
    const claims = two()
    expect(claims.giveUp(1)).toBe(true)
    claims.lay({ holder: 1, rank: 1, amount: 10, until: 100 }, 1)
    expect(against(claims, 1)).toEqual([60, 0, 60])
    claims.giveUp(2)
    expect(against(claims, 1)).toEqual([0, 10, 10])
  })

  it('go to who is next when they run out, unless that has run out too', () => {
    expect(against(two(), 99)).toEqual([0, 10, 10])
    expect(against(two(), 100)).toEqual([60, 0, 60])
    expect(against(two(), 200)).toEqual([0, 0, 0])
  })

  it('are renewed by their holder, in the place they have', () => {
    const claims = two()
    claims.lay({ holder: 2, rank: 1, amount: 50, until: 300 }, 50)
    claims.lay({ holder: 1, rank: 1, amount: 20, until: 150 }, 50)
    expect([against(claims, 149), against(claims, 150), against(claims, 299)]).toEqual([
      [0, 20, 20],
      [50, 0, 50],
      [50, 0, 50],
    ])
  })

  it('yield to a higher rank, in either place, and to no other', () => {
    const first = two()
    first.lay({ holder: 3, rank: 0, amount: 30, until: 100 }, 0)
    expect(against(first, 0)).toEqual([30, 30, 0])
    const next = two()
    next.lay({ holder: 3, rank: 1, amount: 30, until: 200 }, 0)
    next.giveUp(1)
    expect(against(next, 0)).toEqual([60, 0, 60])
  })

  it('leave the next place to another when who has it does not renew it in time, or waits no more', () => {
    const late = two()
    late.lay({ holder: 1, rank: 1, amount: 10, until: 400 }, 50)
    late.lay({ holder: 3, rank: 1, amount: 30, until: 400 }, 200)
    late.giveUp(1)
    expect(against(late, 200)).toEqual([30, 30, 0])
    const gone = two()
    expect(gone.giveUp(2)).toBe(false)
    gone.giveUp(1)
    expect(gone.none).toBe(true)
  })

  it('are one a holder: who gets the first place gives up the next', () => {
    const claims = two()
    claims.lay({ holder: 2, rank: 0, amount: 60, until: 200 }, 0)
    claims.giveUp(2)
    expect(claims.none).toBe(true)
  })

  it('leave the next place free when who had it moves up, for whoever is refused then', () => {
    const claims = two()
    claims.lay({ holder: 2, rank: 0, amount: 60, until: 200 }, 0)
    claims.lay({ holder: 3, rank: 1, amount: 30, until: 200 }, 0)
    claims.giveUp(2)
    expect(against(claims, 0)).toEqual([30, 30, 0])
  })
})

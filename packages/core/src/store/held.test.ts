import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Op } from './port.ts'

const slots = (key: string, capacity = 1): Bucket => ({ key, algorithm: 'slots', capacity, perMs: Infinity })
const A = slots('a')
const B = slots('b')

function pools() {
  const store = new MemoryStore()
  const send = (op: Op): { kind: string } => {
    let answer = { kind: 'none' }
    store.send(op, 0, (given) => {
      answer = given
    })
    return answer
  }
  const reserve = (id: number, buckets: readonly Bucket[], parent?: number) => {
    const each = buckets.map(() => 1)
    const leaves = buckets.map(() => 0)
    const rest = { holder: id, rank: 1, claimable: 0, leaseMs: 1e9, parent }
    return send({ type: 'reserve', id, buckets, amounts: each, leaves, ...rest }).kind
  }
  const close = (id: number) => send({ type: 'cancel', id })
  const release = (id: number) => send({ type: 'release-slots', id })
  const free = (bucket: Bucket): number => {
    let available = Number.NaN
    store.send({ type: 'peek', buckets: [bucket], amounts: [1], leaves: [0] }, 0, (answer) => {
      if (answer.kind === 'levels') available = answer.levels[0]!.available
    })
    return available
  }
  return { reserve, close, release, free }
}

describe('a call inside of a call', () => {
  it('uses the slot of the one around it', () => {
    const { reserve, free } = pools()
    expect([reserve(1, [A]), reserve(2, [A], 1), free(A)]).toEqual(['granted', 'granted', 0])
  })

  it('borrows one at a time: its twin needs a slot of its own', () => {
    const { reserve, close } = pools()
    reserve(1, [A])
    reserve(2, [A], 1)
    expect(reserve(3, [A], 1)).toBe('refused')
    close(2)
    expect(reserve(3, [A], 1)).toBe('granted')
  })

  it('takes a slot of its own where its parent holds none of that pool', () => {
    const { reserve, free } = pools()
    reserve(1, [A])
    expect([reserve(2, [B], 1), free(B)]).toEqual(['granted', 0])
  })

  it('borrows of the nearest around it that holds such a slot, through other pools', () => {
    const { reserve, close, free } = pools()
    reserve(1, [A])
    reserve(2, [B], 1)
    expect([reserve(3, [A], 2), reserve(4, [B], 3)]).toEqual(['granted', 'granted'])
    for (const id of [4, 3, 2, 1]) close(id)
    expect([free(A), free(B)]).toEqual([1, 1])
  })

  it('does not borrow what is lent already, however deep it is', () => {
    const { reserve } = pools()
    reserve(1, [A])
    reserve(2, [A], 1)
    // 2 holds the slot of 1 and lends it on; then nobody of the chain has one left.
    expect([reserve(3, [A], 2), reserve(4, [A], 2), reserve(5, [A], 1)]).toEqual([
      'granted',
      'refused',
      'refused',
    ])
  })

  it.each([
    ['the lender first', [1, 2, 3]],
    ['the borrower first', [3, 2, 1]],
    ['the one between first', [2, 3, 1]],
    ['the one between last', [1, 3, 2]],
  ])('the slot is free when all of a chain have ended, and not before: %s', (_order, ids) => {
    const { reserve, close, free } = pools()
    reserve(1, [A])
    reserve(2, [A], 1)
    reserve(3, [A], 2)
    const seen = ids.map((id) => {
      close(id)
      return free(A)
    })
    expect(seen).toEqual([0, 0, 1])
  })

  it('does not borrow of one that has given its slots back', () => {
    const { reserve, release, free } = pools()
    reserve(1, [A])
    release(1)
    expect([reserve(2, [A], 1), free(A)]).toEqual(['granted', 0])
    expect(reserve(3, [A], 1)).toBe('refused')
  })

  it('borrows of none further out than one whose slot is in use still, though it gave that back', () => {
    const { reserve, release, close, free } = pools()
    const three = slots('three', 3)
    reserve(1, [three])
    reserve(2, [three], 1)
    // The slot of 1 is lent: this one has its own, and lends it to the next.
    reserve(3, [three], 1)
    reserve(4, [three], 3)
    close(2)
    release(3)
    expect([reserve(5, [three], 3), free(three)]).toEqual(['granted', 0])
  })

  it('whose parent is gone is a call like any other', () => {
    const { reserve, close } = pools()
    reserve(1, [A])
    close(1)
    reserve(2, [A])
    expect(reserve(3, [A], 1)).toBe('refused')
  })

  it('takes its own of a second kind of slots', () => {
    const { reserve, close, free } = pools()
    const tenant = slots('budget', 2)
    reserve(1, [A])
    expect([reserve(2, [A, tenant], 1), free(tenant)]).toEqual(['granted', 1])
    close(2)
    expect([free(A), free(tenant)]).toEqual([0, 2])
  })
})

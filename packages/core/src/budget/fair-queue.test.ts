import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { FairQueue } from './fair-queue.ts'

const WEIGHTS: Readonly<Record<string, number>> = { heavy: 3 }

function queueOf(
  ...waiting: readonly (readonly [tenant: string, cost: number, times?: number])[]
): FairQueue {
  const queue = new FairQueue((tenant) => WEIGHTS[tenant] ?? 1)
  for (const [tenant, cost, times = 1] of waiting) {
    for (let nth = 0; nth < times; nth++) queue.add(waiter({ tenant, cost }), false)
  }
  return queue
}

/** Whose turn it was, of the next so many. */
function grants(queue: FairQueue, times: number): string[] {
  return Array.from({ length: times }, () => {
    const { head } = queue
    queue.grant(head!)
    return head!.ask.tenant
  })
}

describe('tenants that wait', () => {
  it('share by tokens, not by calls', () => {
    const queue = queueOf(['small', 10, 20], ['large', 50, 4])
    const order = grants(queue, 12)
    expect(order.filter((tenant) => tenant === 'small')).toHaveLength(10)
    expect(order.filter((tenant) => tenant === 'large')).toHaveLength(2)
  })

  it('share by weight', () => {
    const order = grants(queueOf(['heavy', 10, 20], ['light', 10, 20]), 16)
    expect(order.filter((tenant) => tenant === 'heavy')).toHaveLength(12)
  })

  it('have a weight of one where what they are given is none', () => {
    const odd = { none: 0, minus: -2, endless: Infinity, unknown: Number.NaN, plain: 1 } as const
    const queue = new FairQueue((tenant) => odd[tenant as keyof typeof odd])
    for (const tenant of Object.keys(odd))
      for (let nth = 0; nth < 2; nth++) queue.add(waiter({ tenant, cost: 10 }), false)
    expect([grants(queue, 5), grants(queue, 5)]).toEqual([Object.keys(odd), Object.keys(odd)])
  })

  it('take turns when they have had alike, whoever became active first beginning', () => {
    expect(grants(queueOf(['b', 10, 2], ['a', 10, 2]), 4)).toEqual(['b', 'a', 'b', 'a'])
  })

  it('save up nothing by staying away', () => {
    const queue = queueOf(['there', 10, 20])
    grants(queue, 10)
    for (let nth = 0; nth < 10; nth++) queue.add(waiter({ tenant: 'late', cost: 10 }), false)
    expect(grants(queue, 6).filter((tenant) => tenant === 'late')).toHaveLength(3)
  })

  it('escape nothing by leaving and coming back', () => {
    const queue = queueOf(['greedy', 100], ['patient', 10, 20])
    grants(queue, 2)
    queue.add(waiter({ tenant: 'greedy', cost: 100 }), false)
    expect(new Set(grants(queue, 9))).toEqual(new Set(['patient']))
  })

  it('are given back what a grant came to less, and charged what it came to more', () => {
    const queue = queueOf(['a', 10, 20], ['b', 10, 20])
    const line = queue.grant(queue.head!)
    queue.correct(line, 30)
    expect(grants(queue, 4)).toEqual(['b', 'b', 'b', 'b'])
    queue.correct(line, -40)
    expect(grants(queue, 4)).toEqual(['a', 'a', 'a', 'a'])
  })

  it('are corrected by weight', () => {
    const queue = queueOf(['heavy', 12, 20], ['light', 12, 20])
    // Had 4 per weight, and then 14.
    queue.correct(queue.grant(queue.head!), 30)
    expect(grants(queue, 4)).toEqual(['light', 'light', 'heavy', 'heavy'])
  })

  it('begin runs: every fourth grant is for their oldest', () => {
    const queue = new FairQueue(() => 1)
    for (const seq of [1, 2]) queue.add(waiter({ seq, run: `fresh-${seq}` }), false)
    for (const seq of [11, 12, 13, 14]) queue.add(waiter({ seq, run: 'begun' }), true)
    const order = Array.from({ length: 6 }, () => {
      const { head } = queue
      queue.grant(head!)
      return head!.ask.seq
    })
    expect(order).toEqual([11, 12, 13, 1, 14, 2])
    expect(queue.head).toBeUndefined()
  })
})

it('one that does not wait is removed without harm', () => {
  const queue = queueOf(['a', 10])
  queue.remove(waiter({ tenant: 'a', cost: 10 }))
  expect([queue.size, queue.tokens]).toEqual([1, 10])
})

describe('tenants with nobody waiting', () => {
  it('are forgotten once they have had no more than any other', () => {
    const queue = queueOf(['gone', 10], ['there', 10, 3])
    grants(queue, 1)
    expect(queue.tenants).toBe(2)
    queue.correct(queue.grant(queue.head!), 0)
    expect(queue.tenants).toBe(1)
  })

  it('are known when they come back, and not forgotten then', () => {
    const queue = queueOf(['greedy', 100], ['patient', 10, 20])
    grants(queue, 1)
    queue.add(waiter({ tenant: 'greedy', cost: 100 }), false)
    queue.correct(queue.grant(queue.head!), 500)
    expect(queue.tenants).toBe(2)
  })

  it('are all forgotten when nobody waits at all', () => {
    const queue = queueOf(['a', 10], ['b', 500])
    grants(queue, 2)
    expect([queue.tenants, queue.size, queue.tokens]).toEqual([0, 0, 0])
  })

  it('are forgotten when a correction shows that they have had no more', () => {
    const queue = queueOf(['a', 100], ['b', 200], ['there', 10, 9])
    const lines = [queue.grant(queue.head!), queue.grant(queue.head!)]
    grants(queue, 1)
    expect(queue.tenants).toBe(3)
    queue.correct(lines[1]!, -195)
    expect(queue.tenants).toBe(2)
  })

  it('are corrected without harm although they were forgotten', () => {
    const queue = queueOf(['a', 10])
    const line = queue.grant(queue.head!)
    queue.correct(line, 1_000)
    queue.add(waiter({ tenant: 'a', cost: 10 }), false)
    queue.add(waiter({ tenant: 'b', cost: 10 }), false)
    expect(grants(queue, 2)).toEqual(['a', 'b'])
  })

  it('of which one is forgotten leave the others as they are when that one is corrected', () => {
    const queue = queueOf(['a', 10])
    const forgotten = queue.grant(queue.head!)
    queue.add(waiter({ tenant: 'b', cost: 500 }), false)
    queue.add(waiter({ tenant: 'there', cost: 10 }), false)
    const line = queue.grant(queue.head!)
    queue.correct(forgotten, 1_000)
    expect(queue.tenants).toBe(2)
    queue.correct(line, -500)
    expect(queue.tenants).toBe(1)
  })
})

describe('what goes before a call', () => {
  it('is all of its own tenant, and of others what they get before it is done', () => {
    const queue = queueOf(['mine', 10, 2], ['other', 10, 10], ['little', 5])
    expect(queue.ahead('mine', 10)).toEqual({ tokens: 20 + 30 + 5, calls: 2 + 3 + 1 })
  })

  it('is all that others get before its tenant has had as little again', () => {
    const queue = queueOf(['mine', 50], ['other', 10, 20])
    grants(queue, 1)
    expect(queue.ahead('mine', 10)).toEqual({ tokens: 60, calls: 6 })
  })

  it('goes by what others have had, and by weights', () => {
    const queue = queueOf(['a', 10, 5], ['b', 10, 5])
    grants(queue, 1)
    expect(queue.ahead('new', 15)).toEqual({ tokens: 5 + 15, calls: 0.5 + 1.5 })
    expect(queueOf(['other', 10, 10]).ahead('heavy', 30)).toEqual({ tokens: 10, calls: 1 })
    expect(queueOf(['heavy', 10, 10]).ahead('light', 10)).toEqual({ tokens: 30, calls: 3 })
  })

  it('is a number where others cost nothing', () => {
    expect(queueOf(['free', 0, 3]).ahead('mine', 10).tokens).toBe(0)
    expect(queueOf(['free', 0, 3]).ahead('mine', 10).calls).not.toBeNaN()
  })

  it('is looked at one by one for up to 64 tenants', () => {
    const queue = queueOf(...Array.from({ length: 64 }, (_, nth) => [`tenant-${nth}`, 8] as const))
    expect(queue.ahead('mine', 1)).toEqual({ tokens: 64, calls: 8 })
  })

  it('is nothing in an empty queue', () => {
    expect(queueOf().ahead('anyone', 10)).toEqual({ tokens: 0, calls: 0 })
  })

  it('is everything where the tenants are too many to look at', () => {
    const queue = queueOf(...Array.from({ length: 65 }, (_, nth) => [`tenant-${nth}`, 7] as const))
    expect(queue.ahead('mine', 1)).toEqual({ tokens: 65 * 7, calls: 65 })
  })
})

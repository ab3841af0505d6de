import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { Deadlines } from './deadlines.ts'
import type { Waiter } from './waiter.ts'

it('deadlines come in order, whoever is taken out before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.array(fc.nat(59)), (times, leaving) => {
      const deadlines = new Deadlines()
      const inside: Waiter[] = times.map((deadline) => waiter({ deadline }))
      for (const one of inside) deadlines.add(one)
      for (const index of leaving) {
        const [left] = inside.splice(index, 1)
        if (left === undefined) continue
        deadlines.remove(left)
        deadlines.remove(left)
      }
      const order: number[] = []
      for (let { first } = deadlines; first !== undefined; { first } = deadlines) {
        expect(deadlines.next).toBe(first.ask.deadline)
        order.push(first.ask.deadline)
        deadlines.remove(first)
      }
      expect(order).toEqual(inside.map(({ ask }) => ask.deadline).toSorted((a, b) => a - b))
      expect(deadlines.next).toBe(Infinity)
    }),
  )
})

it('and when most have left, with all of those cleared out', () => {
  const deadlines = new Deadlines()
  // Every deadline up to a prime, in an order that is no order.
  const waiters = Array.from({ length: 5_003 }, (_, index) => waiter({ deadline: (index * 1_999) % 5_003 }))
  for (const one of waiters) deadlines.add(one)
  for (const one of waiters) if (one.ask.deadline % 10 !== 7) deadlines.remove(one)
  const order: number[] = []
  for (let { first } = deadlines; first !== undefined; { first } = deadlines) {
    order.push(first.ask.deadline)
    deadlines.remove(first)
  }
  expect(order).toEqual(Array.from({ length: 500 }, (_, index) => 10 * index + 7))
})

it('however many there are, in whatever order they came', () => {
  const deadlines = new Deadlines()
  for (let index = 0; index < 1_009; index++) deadlines.add(waiter({ deadline: (index * 379) % 1_009 }))
  const order = Array.from({ length: 1_009 }, () => {
    const { first, next } = deadlines
    deadlines.remove(first!)
    return next
  })
  expect(order).toEqual(Array.from({ length: 1_009 }, (_, index) => index))
})

it('with the earliest first, though that was not in front when others were cleared out', () => {
  const deadlines = new Deadlines()
  const [first, late, early] = [0, 5, 1].map((deadline) => waiter({ deadline })) as [Waiter, Waiter, Waiter]
  const others = Array.from({ length: 2_100 }, (_, index) => waiter({ deadline: 100 + index }))
  for (const one of [first, late, early, ...others]) deadlines.add(one)
  for (const one of [first, ...others.slice(0, 1_100)]) deadlines.remove(one)
  expect(deadlines.first).toBe(early)
})

describe('those that have left', () => {
  /** Whether an entry is still there: were it gone, nothing would bring its waiter back. */
  function isKept(deadlines: Deadlines, front: Waiter, left: Waiter): boolean {
    left.inside = true
    deadlines.remove(front)
    return deadlines.first === left
  }

  function leaving({ of, leave, dropped = 0 }: { of: number; leave: number; dropped?: number }): boolean {
    const deadlines = new Deadlines()
    const waiters = Array.from({ length: of }, (_, deadline) => waiter({ deadline }))
    for (const one of waiters) deadlines.add(one)
    // In front, so that they are dropped as soon as somebody looks.
    for (const one of waiters.slice(0, dropped)) {
      deadlines.remove(one)
      expect(deadlines.next).toBe(one.ask.deadline + 1)
    }
    const [front, ...rest] = waiters.slice(dropped) as [Waiter, ...Waiter[]]
    for (const one of rest.slice(0, leave)) deadlines.remove(one)
    return isKept(deadlines, front, rest[0]!)
  }

  it('are let go of when they are more than half of what there is', () => {
    expect([1_025, 1_026].map((leave) => leaving({ of: 2_051, leave }))).toEqual([true, false])
    expect(leaving({ of: 2_052, leave: 1_026 })).toBe(true)
  })

  it('stay while they are few, be they nearly all', () => {
    expect([1_024, 1_025].map((leave) => leaving({ of: 1_026, leave }))).toEqual([true, false])
  })

  it('count no more once they were dropped', () => {
    expect(leaving({ of: 3_000, dropped: 600, leave: 500 })).toBe(true)
  })
})

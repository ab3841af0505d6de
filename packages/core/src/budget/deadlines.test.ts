import fc from 'fast-check'
import { expect, it } from 'vitest'
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

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

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { Arrivals } from './arrivals.ts'
import type { Waiter } from './waiter.ts'

it('arrivals are in order of arrival, whoever comes back and whoever leaves', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50), { maxLength: 30 }), fc.array(fc.nat(29)), (seqs, leaving) => {
      const arrivals = new Arrivals()
      const inside = seqs.map((seq) => waiter({ seq }))
      for (const one of inside) arrivals.insert(one)
      for (const index of leaving) {
        const [left] = inside.splice(index, 1)
        if (left !== undefined) arrivals.remove(left)
      }
      const order: Waiter[] = []
      for (let one = arrivals.oldest; one !== undefined; one = one.arrivedAfter) order.push(one)
      expect(order).toEqual(inside.toSorted((a, b) => a.ask.seq - b.ask.seq))
      expect(arrivals.youngest).toBe(order.at(-1))
    }),
  )
})

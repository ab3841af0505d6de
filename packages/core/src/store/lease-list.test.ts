import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LeaseList } from './lease-list.ts'
import type { Leased } from './lease-list.ts'

function lease(): Leased {
  return { leaseUntil: 0, leaseBefore: undefined, leaseAfter: undefined }
}

it('leases run out in order, whatever order they were begun, renewed and ended in', () => {
  const change = fc.record({ which: fc.nat(9), until: fc.nat(100), ends: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const list = new LeaseList<Leased>()
      const entries = Array.from({ length: 10 }, lease)
      const held = new Set<Leased>()
      for (const { which, until, ends } of changes) {
        const entry = entries[which]!
        list.remove(entry)
        held.delete(entry)
        if (ends) continue
        list.add(entry, until)
        held.add(entry)
      }
      const expected = [...held].map(({ leaseUntil }) => leaseUntil).toSorted((a, b) => a - b)
      const order: number[] = []
      for (let first = list.first; first !== undefined; first = list.first) {
        order.push(first.leaseUntil)
        list.remove(first)
      }
      expect(order).toEqual(expected)
    }),
  )
})

it('one that is not in the list is removed without harm', () => {
  const list = new LeaseList<Leased>()
  const only = lease()
  list.add(only, 1)
  list.remove(lease())
  expect(list.first).toBe(only)
})

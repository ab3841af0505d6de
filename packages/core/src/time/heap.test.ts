import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IndexedHeap } from './heap.ts'

interface Entry {
  heapIndex: number
  value: number
}

const change = fc.record({
  kind: fc.constantFrom('push', 'push', 'pop', 'remove', 'move'),
  which: fc.nat(30),
  value: fc.nat(50),
})

describe('a heap whose entries can be moved', () => {
  it('gives them in order, whatever was added, moved and removed', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const heap = new IndexedHeap<Entry>((a, b) => a.value < b.value)
        const inside: Entry[] = []
        for (const { kind, which, value } of changes) {
          const entry = inside[which % Math.max(1, inside.length)]
          if (kind === 'push') {
            const fresh = { heapIndex: -1, value }
            heap.push(fresh)
            inside.push(fresh)
          } else if (entry !== undefined && kind === 'move') {
            entry.value = value
            heap.moved(entry)
          } else if (entry !== undefined) {
            const gone = kind === 'pop' ? heap.pop()! : entry
            heap.remove(entry === gone ? gone : { heapIndex: -1, value: 0 })
            inside.splice(inside.indexOf(gone), 1)
          }
          expect(heap.size).toBe(inside.length)
          expect(heap.entries.every((one, index) => one.heapIndex === index)).toBe(true)
          expect(heap.top?.value).toBe(
            inside.length === 0 ? undefined : Math.min(...inside.map((one) => one.value)),
          )
        }
        const drained: number[] = []
        for (let top = heap.pop(); top !== undefined; top = heap.pop()) drained.push(top.value)
        expect(drained).toEqual(inside.map(({ value }) => value).toSorted((a, b) => a - b))
      }),
    )
  })

  it('is harmed by no second removal', () => {
    const heap = new IndexedHeap<Entry>((a, b) => a.value < b.value)
    const [one, other] = [1, 2].map((value) => ({ heapIndex: -1, value })) as [Entry, Entry]
    heap.push(one)
    heap.push(other)
    heap.remove(one)
    heap.remove(one)
    expect([heap.size, heap.top]).toEqual([1, other])
  })
})

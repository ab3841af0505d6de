import { describe, expect, it } from 'vitest'
import { waiter } from '../../test/support/waiters.ts'
import { TenantLine } from './tenant-line.ts'

function drain(line: TenantLine): number[] {
  const order: number[] = []
  for (let { head } = line; head !== undefined; { head } = line) {
    order.push(head.ask.seq)
    line.granted()
    line.remove(head)
  }
  return order
}

describe('the line of a tenant', () => {
  it('goes by arrival', () => {
    const line = new TenantLine('acme', 1)
    for (const seq of [1, 2, 3]) line.add(waiter({ seq }), false)
    expect(drain(line)).toEqual([1, 2, 3])
  })

  it('takes one that comes back to the place it had', () => {
    const line = new TenantLine('acme', 1)
    for (const seq of [5, 7, 9, 2, 6, 10]) line.add(waiter({ seq }), false)
    expect(drain(line)).toEqual([2, 5, 6, 7, 9, 10])
  })

  it('lets calls of runs that have begun go first, and every fourth its oldest', () => {
    const line = new TenantLine('acme', 1)
    for (const seq of [1, 2]) line.add(waiter({ seq }), false)
    for (const seq of [11, 12, 13, 14, 15, 16, 17]) line.add(waiter({ seq, run: 'begun' }), true)
    expect(drain(line)).toEqual([11, 12, 13, 1, 14, 15, 16, 2, 17])
  })

  it('lets its oldest be of a run that has begun, too', () => {
    const line = new TenantLine('acme', 1)
    for (const seq of [1, 2, 3, 4, 5]) line.add(waiter({ seq, run: 'begun' }), true)
    line.add(waiter({ seq: 50 }), false)
    expect(drain(line)).toEqual([1, 2, 3, 4, 5, 50])
    for (const seq of [1, 2, 3, 4, 5]) line.add(waiter({ seq, run: 'begun' }), true)
    expect(drain(line)).toEqual([1, 2, 3, 4, 5])
  })

  it('moves up the calls of a run that begins, and only those', () => {
    const line = new TenantLine('acme', 1)
    for (const seq of [1, 2, 3, 4]) line.add(waiter({ seq, run: seq % 2 === 0 ? 'even' : 'odd' }), false)
    line.begin('even')
    expect(drain(line)).toEqual([2, 4, 1, 3])
  })

  it('looks for them not farther than 64 back, so that no run costs the whole line', () => {
    const line = new TenantLine('acme', 1)
    for (let seq = 1; seq <= 70; seq++)
      line.add(waiter({ seq, run: seq > 64 ? 'far' : `other-${seq}` }), false)
    line.begin('far')
    expect(line.head?.ask.seq).toBe(1)
  })

  it('counts who waits and their tokens', () => {
    const line = new TenantLine('acme', 1)
    const [one, other] = [waiter({ cost: 10 }), waiter({ cost: 5 })]
    line.add(one, false)
    line.add(other, true)
    expect([line.waiting, line.tokens]).toEqual([2, 15])
    line.remove(one)
    line.remove(one)
    expect([line.waiting, line.tokens, line.head]).toEqual([1, 5, other])
  })
})

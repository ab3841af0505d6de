import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setUp, TENANT } from './cells.fixture.ts'
import { DAY, HOUR, MINUTE } from './ledger.fixture.ts'
import type { Name } from './names.ts'

describe('where room is short', () => {
  it('the oldest whole quarter of an hour is put together, and none that is under way', () => {
    const { add, rollUpOldest, slots } = setUp()
    for (const minute of [16, 0, 14]) add(minute * MINUTE, 'a')
    expect(rollUpOldest(15 * MINUTE - 1)).toBe(false)
    expect(rollUpOldest(15 * MINUTE)).toBe(true)
    expect(slots()).toEqual([
      [16, 1, { a: 1 }],
      [0, 15, { a: 2 }],
    ])
    expect(rollUpOldest(30 * MINUTE - 1)).toBe(false)
  })

  it('minutes are put together before quarters, those before hours, and days never', () => {
    const { add, rollUpOldest, slots } = setUp()
    for (const minute of [0, 20]) add(minute * MINUTE, 'a')
    const lengths = Array.from({ length: 5 }, () => {
      const did = rollUpOldest(DAY)
      return [did, ...slots().map(([, ms]) => ms)]
    })
    expect(lengths).toEqual([
      [true, 1, 15],
      [true, 15, 15],
      [true, 60],
      [true, 1_440],
      [false, 1_440],
    ])
  })

  it('the oldest of the longest slots is dropped, and of nothing nothing', () => {
    const { cells, add, age, slots } = setUp()
    cells.dropOldest()
    for (const minute of [20, 0, 90]) add(minute * MINUTE, 'a')
    age(100 * MINUTE)
    cells.dropOldest()
    expect(slots()).toEqual([
      [90, 1, { a: 1 }],
      [15, 15, { a: 1 }],
    ])
    cells.dropOldest()
    expect(slots()).toEqual([[90, 1, { a: 1 }]])
    cells.dropOldest()
    expect(slots()).toEqual([])
  })

  it('what was dropped or put together takes nothing more, and the next call is counted anew', () => {
    const { cells, add, fold, slots } = setUp()
    for (const tenant of ['a', undefined, 'b']) add(0, tenant)
    cells.dropOldest()
    for (const tenant of ['a', undefined, 'b']) add(0, tenant)
    expect(slots()).toEqual([[0, 1, { a: 1, undefined: 1, b: 1 }]])
    fold('a')
    for (const tenant of ['a', 'a', 'b']) add(0, tenant)
    expect(slots()).toEqual([[0, 1, { '(other)': 1, a: 2, undefined: 1, b: 2 }]])
  })

  it('values of a key are put together in every slot, and what has none stays without', () => {
    const { cells, add, fold, slots } = setUp()
    for (const tenant of ['a', 'b', 'c', undefined]) add(0, tenant)
    add(MINUTE, 'b')
    fold('a', 'b')
    fold('c')
    expect(slots()).toEqual([
      [0, 1, { undefined: 1, '(other)': 3 }],
      [1, 1, { '(other)': 1 }],
    ])
    expect([cells.size, cells.names.find(TENANT, 'a')]).toEqual([3, undefined])
  })
})

describe('what names know of what is kept of them', () => {
  it('is right, whatever was put together, dropped and forgotten before', () => {
    const step = fc.record({
      op: fc.constantFrom('add', 'add', 'add', 'age', 'rollUp', 'drop', 'fold'),
      tenant: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.constantFrom(0, MINUTE, 20 * MINUTE, HOUR, DAY),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { cells, add, age, rollUpOldest, fold } = setUp()
        let now = 0
        for (const { op, tenant, afterMs } of steps) {
          now += afterMs
          if (op === 'add') add(now, tenant)
          else if (op === 'age') age(now)
          else if (op === 'rollUp') rollUpOldest(now)
          else if (op === 'drop') cells.dropOldest()
          else fold(tenant)
          const kept = Array.from(cells.slots(), (slot) => [...slot.cells]).flat()
          expect(cells.size).toBe(kept.length)
          for (const value of ['a', 'b', 'c']) {
            const own = kept.filter(({ names }) => names[TENANT]?.value === value)
            const requests = own.reduce((sum, { cell }) => sum + cell.requests, 0)
            const expected = own.length === 0 ? undefined : { cells: own.length, requests }
            const name: Name | undefined = cells.names.find(TENANT, value)
            expect(name && { cells: name.cells, requests: name.requests }).toEqual(expected)
          }
        }
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { setUp } from './cells.fixture.ts'
import { floor } from './cells.ts'
import { DAY, HOUR, MINUTE } from './ledger.fixture.ts'

describe('slots of time', () => {
  it('are minutes at first, with a cell for each combination of keys', () => {
    const { add, cells, slots } = setUp()
    for (const tenant of ['a', 'b', 'a']) add(MINUTE - 1, tenant)
    add(MINUTE, 'a')
    expect(slots()).toEqual([
      [0, 1, { a: 2, b: 1 }],
      [1, 1, { a: 1 }],
    ])
    expect(cells.size).toBe(3)
  })

  it.each([
    ['minutes become quarters of an hour', 15 * MINUTE, HOUR, 15],
    ['quarters become hours', HOUR, 6 * HOUR, 60],
    ['hours become days', DAY, 2 * DAY, 24 * 60],
  ])('%s when the whole of one is old enough', (_, length, keepMs, minutes) => {
    const { add, age, slots } = setUp()
    for (const time of [0, length - MINUTE]) {
      add(time, 'a')
      // So far as it goes before.
      age(time + HOUR)
    }
    age(length + keepMs - 1)
    expect(slots().every(([, ms]) => ms < minutes)).toBe(true)
    age(length + keepMs)
    expect(slots()).toEqual([[0, minutes, { a: 2 }]])
  })

  it('are forgotten when the whole of a day is a week old', () => {
    const { cells, add, age, slots } = setUp()
    add(0, 'a')
    age(8 * DAY - 1)
    expect(slots()).toEqual([[0, 24 * 60, { a: 1 }]])
    age(8 * DAY)
    expect([slots(), cells.size]).toEqual([[], 0])
  })

  it('grow old with the first call of a minute', () => {
    const { add, slots } = setUp()
    add(0, 'a')
    add(15 * MINUTE + HOUR, 'a')
    expect(slots()).toEqual([
      [75, 1, { a: 1 }],
      [0, 15, { a: 1 }],
    ])
  })
})

it('a time is put down to the start of what it is within', () => {
  expect([0, 59, 60, 119, -1].map((at) => floor(at, 60))).toEqual([0, 0, 60, 60, -60])
})

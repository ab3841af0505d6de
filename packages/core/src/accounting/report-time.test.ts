import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, setUp, START } from './ledger.fixture.ts'

describe('time', () => {
  it('is cut as asked', () => {
    const { at, add, report } = setUp()
    for (const minute of [0, 0, 1, 3]) {
      at(minute * MINUTE + 5_000)
      add()
    }
    const { rows } = report({ every: 'minute' })
    expect(
      rows.map(({ from, to, requests }) => [(from - START) / MINUTE, (to - from) / MINUTE, requests]),
    ).toEqual([
      [0, 1, 2],
      [1, 1, 1],
      // It has only begun.
      [3, 5 / 60, 1],
    ])
    expect(rows.at(-1)!.tokensPerMinute).toBe(110)
    expect(report({ every: 2 * MINUTE }).rows.map(({ requests }) => requests)).toEqual([3, 1])
    expect(report({ every: 'day' }).rows.map(({ requests }) => requests)).toEqual([4])
  })

  it('is as much of what was asked for as is kept', () => {
    const { at, add, report } = setUp()
    for (let minute = 0; minute < 10; minute++) {
      at(minute * MINUTE)
      add()
    }
    const from = START + 3 * MINUTE
    const told = report({ since: from, until: from + 2 * MINUTE })
    expect(told).toMatchObject({ from, to: from + 2 * MINUTE })
    expect(told.rows[0]).toMatchObject({ requests: 2, from, to: from + 2 * MINUTE })
    expect(report({ since: START - DAY })).toMatchObject({ from: START, to: START + 9 * MINUTE })
    expect(report({ since: START + DAY }).rows).toEqual([])
    expect(report({ since: from, until: from }).rows).toEqual([])
  })

  it('is coarser the older it is, and nothing of it is lost before a week', () => {
    const { ledger, at, add, report } = setUp()
    for (let hour = 0; hour < 6 * 24; hour++) {
      for (let quarter = 0; quarter < 4; quarter++) {
        at(hour * HOUR + quarter * 15 * MINUTE)
        add({ attributes: { tenant: 'acme' } })
      }
    }
    const told = report({ every: 'minute' })
    const lengths = told.rows.map(({ from, to }) => (to - from) / MINUTE)
    expect([...new Set(lengths)]).toEqual([1_440, 60, 15, 1, 0])
    expect(report().rows[0]!.requests).toBe(6 * 24 * 4)
    expect(ledger.size).toBeLessThan(100)
  })

  it('that is older than a week is forgotten', () => {
    const { at, add, only, report, ledger } = setUp()
    add()
    at(8 * DAY - 1)
    expect(only().requests).toBe(1)
    at(8 * DAY)
    expect(report().rows).toEqual([])
    expect(ledger.size).toBe(0)
  })
})

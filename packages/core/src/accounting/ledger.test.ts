import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, setUp } from './ledger.fixture.ts'

describe('how much is kept', () => {
  const total = (rows: readonly { requests: number }[]) =>
    rows.reduce((sum, { requests }) => sum + requests, 0)

  it('does not grow with the number of tenants, and who calls most stays known', () => {
    const { ledger, at, add, report } = setUp(200)
    const calls = 20_000
    let largest = 0
    for (let call = 0; call < calls; call++) {
      if (call % 100 === 0) at(call * 500)
      const tenant = call % 10 === 0 ? 'acme' : `tenant-${call}`
      add({ attributes: { tenant } })
      largest = Math.max(largest, ledger.size)
    }
    expect(largest).toBeLessThanOrEqual(200)
    const { rows, collapsed } = report({ by: 'tenant' })
    expect(total(rows)).toBe(calls)
    expect(rows[0]).toMatchObject({ key: { tenant: '(other)' }, requests: collapsed })
    expect(collapsed).toBeGreaterThan(0.85 * calls)
    expect(rows[1]).toMatchObject({ key: { tenant: 'acme' }, requests: calls / 10 })
    // Nothing that was asked for was put together.
    expect(report({ by: 'target' })).toMatchObject({ collapsed: 0, rows: [{ requests: calls }] })
  })

  it('is all that is allowed before anything is given up, and then nine tenths of it', () => {
    const { ledger, add, report } = setUp(10)
    for (let tenant = 0; tenant < 10; tenant++) add({ attributes: { tenant: `tenant-${tenant}` } })
    expect([ledger.size, report({ by: 'tenant' }).collapsed]).toEqual([10, 0])
    add({ attributes: { tenant: 'tenant-10' } })
    expect([ledger.size, report({ by: 'tenant' }).collapsed]).toEqual([9, 3])
  })

  it('gives up older minutes before it gives up names', () => {
    const { ledger, at, add, report } = setUp(1_000)
    const tenants = 30
    for (let minute = 0; minute < 120; minute++) {
      at(minute * MINUTE)
      for (let tenant = 0; tenant < tenants; tenant++) add({ attributes: { tenant: `tenant-${tenant}` } })
    }
    expect(ledger.size).toBeLessThanOrEqual(1_000)
    const { rows, collapsed } = report({ by: 'tenant' })
    expect([rows.length, collapsed]).toEqual([tenants, 0])
    expect(rows.every(({ requests }) => requests === 120)).toBe(true)
  })

  it('gives up older hours too, and nothing of the quarter of an hour that is under way', () => {
    const { at, add, report } = setUp(300)
    for (let minute = 0; minute < 5 * 24 * 60; minute += 5) {
      at(minute * MINUTE)
      for (let tenant = 0; tenant < 5; tenant++) add({ attributes: { tenant: `tenant-${tenant}` } })
    }
    expect(report({ by: 'tenant' })).toMatchObject({ collapsed: 0, rows: { length: 5 } })
    const spans = report({ every: 'minute' }).rows.map(({ from, to }) => ({ from, to }))
    expect(spans.every(({ from }, index) => index === 0 || from >= spans[index - 1]!.to)).toBe(true)
    expect(spans.at(-1)!.to - spans.at(-2)!.from).toBe(5 * MINUTE)
  })

  it('gives up the key that has most values, and leaves the others', () => {
    const { add, report } = setUp(200)
    for (let call = 0; call < 2_000; call++) {
      const attributes = {
        user: `user-${call}`,
        tenant: `tenant-${call % 5}`,
        feature: `feature-${call % 3}`,
      }
      add({ attributes })
    }
    expect(report({ by: 'tenant' })).toMatchObject({ collapsed: 0, rows: { length: 5 } })
    expect(report({ by: 'feature' })).toMatchObject({ collapsed: 0, rows: { length: 3 } })
    expect(report({ by: 'user' }).collapsed).toBeGreaterThan(1_500)
  })

  it('is never more than was allowed, and every call is counted once while it is kept', () => {
    const call = fc.record({
      tenant: fc.integer({ min: 0, max: 50 }).map(String),
      user: fc.integer({ min: 0, max: 1_000 }).map(String),
      target: fc.constantFrom('a', 'b'),
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * HOUR })),
      costUsd: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), fc.integer({ min: 8, max: 100 }), (calls, maxCells) => {
        const { ledger, at, add, report } = setUp(maxCells)
        let time = 0
        for (const { afterMs, costUsd, target, ...attributes } of calls) {
          at((time += afterMs / 5))
          add({ attributes, target, ...(costUsd === undefined ? {} : { costUsd: costUsd / 1e6 }) })
          expect(ledger.size).toBeLessThanOrEqual(maxCells)
        }
        if (maxCells < 80 && time > DAY) return
        const cost = calls.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0)
        for (const query of [{}, { by: 'user' }, { every: 'hour', by: ['tenant', 'target'] }] as const) {
          const { rows } = report(query)
          expect(total(rows)).toBe(calls.length)
          expect(rows.reduce((sum, row) => sum + Math.round((row.costUsd ?? 0) * 1e6), 0)).toBe(cost)
        }
      }),
    )
  })

  it('is bounded even where nothing can be put together', () => {
    const { ledger, at, add } = setUp(3)
    for (let day = 0; day < 7; day++) {
      at(day * DAY)
      for (const tenant of ['a', 'b', 'c']) add({ attributes: { tenant } })
      expect(ledger.size).toBeLessThanOrEqual(3)
    }
  })
})

describe('who is to be forgotten', () => {
  it('stays counted, without the name', () => {
    const { ledger, at, add, report } = setUp()
    add({ attributes: { tenant: 'acme', user: 'ada' } })
    at(3 * HOUR)
    add({ attributes: { tenant: 'acme', user: 'ada' } })
    add({ attributes: { tenant: 'acme', user: 'bob' } })
    ledger.forget('user', 'ada')
    const { rows, collapsed } = report({ by: 'user' })
    expect(rows.map(({ key, requests }) => [key.user, requests])).toEqual([
      ['(other)', 2],
      ['bob', 1],
    ])
    expect(collapsed).toBe(2)
    ledger.forget('tenant', 'acme')
    expect(report({ by: 'tenant' }).rows.map(({ key }) => key)).toEqual([{ tenant: '(other)' }])
  })
})

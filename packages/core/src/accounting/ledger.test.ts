import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CallRecord } from '../call/record.ts'
import { Ledger } from './ledger.ts'
import { callRecord } from './record.fixture.ts'
import type { ReportQuery } from './report-query.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A whole day of UTC, so that slots of every length begin here. */
const START = 20_000 * DAY

function setUp(maxCells?: number) {
  const ledger = new Ledger({ maxCells })
  let now = START
  return {
    ledger,
    at: (time: number) => {
      now = START + time
    },
    add: (record: Partial<CallRecord> = {}) => ledger.add(callRecord(record), now),
    report: (query: ReportQuery = {}) => ledger.report(query, now),
    only: (query: ReportQuery = {}) => {
      const { rows } = ledger.report(query, now)
      expect(rows).toHaveLength(1)
      return rows[0]!
    },
  }
}

const latency = (total: number, own: Partial<CallRecord['latencyMs']> = {}): CallRecord['latencyMs'] => ({
  handling: 0,
  queue: 0,
  retryDelay: 0,
  model: total,
  validation: 0,
  total,
  ...own,
})

describe('a report', () => {
  it('of nothing has no rows', () => {
    const { report } = setUp()
    expect(report({ by: 'tenant', every: 'hour' })).toEqual({
      from: START,
      to: START,
      rows: [],
      collapsed: 0,
    })
  })

  it('adds up what calls used, cost and met', () => {
    const { at, add, only } = setUp()
    add({
      usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400 },
      costUsd: 0.01,
      wastedUsd: 0,
    })
    at(MINUTE)
    add({
      usage: { inputTokens: 3_000, outputTokens: 300 },
      costUsd: 0.03,
      wastedUsd: 0.005,
      attempts: 4,
      retries: 3,
      rateLimited: 1,
      failures: { 'rate-limit': 1, timeout: 2 },
      fallback: true,
      degraded: 'lesser-model',
      target: 'anthropic/model',
    })
    add({ outcome: 'failed', usage: {}, attempts: 1, failures: { server: 1 }, costUsd: 0, wastedUsd: 0 })
    add({ outcome: 'rejected', usage: {}, attempts: 0, costUsd: 0, wastedUsd: 0 })
    at(4 * MINUTE)
    expect(only()).toEqual({
      key: {},
      from: START,
      to: START + 4 * MINUTE,
      requests: 4,
      outcomes: { finished: 2, failed: 1, rejected: 1 },
      failedRequests: 2,
      attempts: 6,
      retries: 3,
      shadows: 0,
      rateLimited: 1,
      timeouts: 2,
      errors: { 'rate-limit': 1, timeout: 2, server: 1 },
      inputTokens: 4_000,
      cachedTokens: 400,
      outputTokens: 400,
      tokensPerMinute: 1_100,
      costUsd: 0.04,
      wastedUsd: 0.005,
      unpriced: 0,
      latencyMs: { total: { p50: 100, p95: 100, p99: 100 }, queue: { p50: 0, p95: 0, p99: 0 } },
      cacheHitRate: 0,
      joinedRate: 0,
      promptCacheRate: 0.1,
      fallbackRate: 0.25,
      degradedRate: 0.25,
      targets: { 'openai/model': 0.75, 'anthropic/model': 0.25 },
    })
  })

  it('has a row for each value of a key, the most requests first, and one for calls that have none', () => {
    const { add, report } = setUp()
    add({ attributes: { tenant: 'globex' } })
    for (let call = 0; call < 3; call++) add({ attributes: { tenant: 'acme', user: `user-${call}` } })
    add()
    add()
    const { rows } = report({ by: 'tenant' })
    expect(rows.map(({ key, requests }) => [key, requests])).toEqual([
      [{ tenant: 'acme' }, 3],
      [{}, 2],
      [{ tenant: 'globex' }, 1],
    ])
  })

  it('has a row for each combination of keys', () => {
    const { add, report } = setUp()
    add({ attributes: { tenant: 'acme', promptVersion: 'v1' }, priority: 'high' })
    add({ attributes: { tenant: 'acme', promptVersion: 'v2' }, priority: 'high' })
    add({ attributes: { tenant: 'acme', promptVersion: 'v2' }, priority: 'low' })
    const { rows } = report({ by: ['promptVersion', 'priority', 'outcome', 'target'] })
    expect(rows.map(({ key }) => key)).toEqual([
      { promptVersion: 'v1', priority: 'high', outcome: 'finished', target: 'openai/model' },
      { promptVersion: 'v2', priority: 'high', outcome: 'finished', target: 'openai/model' },
      { promptVersion: 'v2', priority: 'low', outcome: 'finished', target: 'openai/model' },
    ])
  })

  it('does not mix up tenants whose names are special to objects', () => {
    const { add, report } = setUp()
    for (const tenant of ['__proto__', 'constructor', '(none)'])
      add({ attributes: { tenant }, target: tenant })
    const { rows } = report({ by: 'tenant' })
    expect(rows.map(({ key, targets }) => [Object.entries(key), Object.entries(targets)])).toEqual(
      ['__proto__', 'constructor', '(none)'].map((name) => [[['tenant', name]], [[name, 1]]]),
    )
  })

  it('tells our cache from the providers’, and a twin from both', () => {
    const { add, only } = setUp()
    add({ cache: 'hit', attempts: 0, usage: {} })
    add({ cache: 'stale', attempts: 0, usage: {} })
    add({ cache: 'joined', attempts: 0, usage: {} })
    add({ usage: { inputTokens: 800, cacheReadTokens: 600 } })
    expect(only()).toMatchObject({ cacheHitRate: 0.5, joinedRate: 0.25, promptCacheRate: 0.75 })
  })

  it('what was asked besides, for comparison, is paid for and no failure that anyone noticed', () => {
    const { add, only } = setUp()
    add({ outcome: 'failed', costUsd: 1 })
    add({ outcome: 'failed', costUsd: 2, shadowOf: 'a call' })
    add({ outcome: 'rejected', costUsd: 0, shadowOf: 'a call' })
    add({ costUsd: 4, shadowOf: 'a call' })
    expect(only()).toMatchObject({ requests: 4, shadows: 3, failedRequests: 1, costUsd: 7 })
  })
})

describe('cost', () => {
  it('is absent where no price was known, never 0', () => {
    const { add, only } = setUp()
    add()
    expect(only()).not.toHaveProperty('costUsd')
    expect(only()).not.toHaveProperty('wastedUsd')
    expect(only().unpriced).toBe(1)
  })

  it('is of the calls whose price is known, and says how many are not in it', () => {
    const { add, only } = setUp()
    add({ costUsd: 1.16, wastedUsd: 0 })
    add()
    add()
    expect(only()).toMatchObject({ costUsd: 1.16, unpriced: 2 })
  })

  it('is not known either where it is no number', () => {
    const { add, only } = setUp()
    add({ costUsd: Number.NaN, wastedUsd: Number.NaN })
    expect(only()).not.toHaveProperty('costUsd')
    expect(only().unpriced).toBe(1)
  })

  it('of calls that sent nothing is 0, whether or not a price is known', () => {
    const { add, only } = setUp()
    add({ outcome: 'rejected', attempts: 0, usage: {} })
    add({ cache: 'hit', attempts: 0, usage: {} })
    expect(only()).toMatchObject({ costUsd: 0, unpriced: 0 })
  })

  it('has no error of adding up', () => {
    const { add, only } = setUp()
    for (let call = 0; call < 10_000; call++) add({ costUsd: 0.1, wastedUsd: 0.01 })
    expect(only()).toMatchObject({ costUsd: 1_000, wastedUsd: 100 })
  })
})

describe('percentiles', () => {
  it('are of calls that were not refused, of waits, and of first contents where there were any', () => {
    const { add, only } = setUp()
    for (let ms = 1; ms <= 20; ms++) add({ latencyMs: latency(ms, { queue: ms * 2, firstContent: ms / 2 }) })
    for (let call = 0; call < 100; call++)
      add({ outcome: 'rejected', attempts: 0, latencyMs: latency(0, { queue: 30 }) })
    const { total, queue, firstContent } = only().latencyMs
    expect(total).toEqual({ p50: 10, p95: 19, p99: 20 })
    expect(queue!.p50).toBeCloseTo(30, 0)
    expect(firstContent).toEqual({ p50: 5, p95: 9.5, p99: 10 })
  })

  it('stay within 2 % of the true ones, whatever cells and slots they are put together from', () => {
    const call = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.integer({ min: 0, max: 2 * HOUR }),
      total: fc.double({ min: 0.01, max: 90_000, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 300 }), (calls) => {
        const { at, add, report } = setUp()
        let time = 0
        for (const { tenant, afterMs, total } of calls) {
          at((time += afterMs / 10))
          add({ attributes: { tenant }, latencyMs: latency(total) })
        }
        for (const { key, latencyMs } of report({ by: 'tenant' }).rows) {
          const times = calls.filter((one) => one.tenant === key.tenant).map(({ total }) => total)
          const sorted = times.toSorted((a, b) => a - b)
          for (const [name, share] of [
            ['p50', 0.5],
            ['p95', 0.95],
            ['p99', 0.99],
          ] as const) {
            const exact = sorted[Math.ceil(share * sorted.length) - 1]!
            expect(Math.abs(latencyMs.total![name] - exact)).toBeLessThanOrEqual(exact * 0.02)
          }
        }
      }),
    )
  })
})

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

describe('how much is kept', () => {
  const total = (rows: readonly { requests: number }[]) =>
    rows.reduce((sum, { requests }) => sum + requests, 0)

  it('does not grow with the number of tenants, and who calls most stays known', () => {
    const { ledger, at, add, report } = setUp(2_000)
    const calls = 200_000
    let largest = 0
    for (let call = 0; call < calls; call++) {
      if (call % 1_000 === 0) at(call * 50)
      const tenant = call % 10 === 0 ? 'acme' : `tenant-${call}`
      add({ attributes: { tenant } })
      largest = Math.max(largest, ledger.size)
    }
    expect(largest).toBeLessThanOrEqual(2_000)
    const { rows, collapsed } = report({ by: 'tenant' })
    expect(total(rows)).toBe(calls)
    expect(rows[0]).toMatchObject({ key: { tenant: '(other)' }, requests: collapsed })
    expect(collapsed).toBeGreaterThan(0.85 * calls)
    expect(rows[1]).toMatchObject({ key: { tenant: 'acme' }, requests: calls / 10 })
    // Nothing that was asked for was put together.
    expect(report({ by: 'target' })).toMatchObject({ collapsed: 0, rows: [{ requests: calls }] })
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

describe('a record that is not as it should be', () => {
  it.each([Number.NaN, Infinity, -5])('does not spoil the sums: %d', (odd) => {
    const { add, only } = setUp()
    const usage = { inputTokens: odd, outputTokens: odd, cacheReadTokens: odd }
    const latencyMs = latency(odd, { queue: odd, firstContent: odd })
    add({
      usage,
      costUsd: odd,
      wastedUsd: odd,
      attempts: odd,
      retries: odd,
      latencyMs,
      failures: { server: odd },
    })
    add({ costUsd: 1, wastedUsd: 0 })
    expect(only()).toMatchObject({ inputTokens: 100, outputTokens: 10, costUsd: 1, attempts: 1 })
    expect(Object.values(only().latencyMs.total!).every((value) => Number.isFinite(value))).toBe(true)
  })
})

describe('a query that makes no sense', () => {
  it.each([
    [{ by: 'team' }, "`by` is 'team'; use one of tenant, user, feature"],
    [{ by: ['tenant', 'colour'] }, "`by` is 'colour'"],
    [{ every: 'week' }, "`every` is 'week'; use 'minute', 'hour', 'day', or whole minutes"],
    [{ every: 'constructor' }, '`every` is'],
    [{ every: 90_000 }, '`every` is 90000'],
    [{ every: 0 }, '`every` is 0'],
    [{ every: Number.NaN }, '`every` is NaN'],
    [{ every: Infinity }, '`every` is Infinity'],
    [{ since: Number.NaN }, '`since` is NaN; use milliseconds'],
    [{ until: Number.NaN }, '`until` is NaN; use milliseconds'],
  ])('%o is refused, and the mend is named', (query, message) => {
    const { report } = setUp()
    expect(() => report(query as ReportQuery)).toThrow(
      expect.objectContaining({ code: 'invalid-call', message: expect.stringContaining(message) }),
    )
  })
})

import { expect } from 'vitest'
import type { CallRecord } from '../call/record.ts'
import { Ledger } from './ledger.ts'
import { callRecord } from './record.fixture.ts'
import type { ReportQuery } from './report-query.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** A whole day of UTC, so that slots of every length begin here. */
export const START = 20_000 * DAY

export function setUp(maxCells?: number) {
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

export const latency = (
  total: number,
  own: Partial<CallRecord['latencyMs']> = {},
): CallRecord['latencyMs'] => ({
  handling: 0,
  queue: 0,
  retryDelay: 0,
  model: total,
  validation: 0,
  total,
  ...own,
})

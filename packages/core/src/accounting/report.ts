import type { QueueGauge } from '../call/gauge.ts'
import type { CallRecord } from '../call/record.ts'
import { floor } from './cells.ts'
import type { Cells } from './cells.ts'
import { KEYS } from './names.ts'
import { checkQuery } from './report-query.ts'
import type { ReportQuery } from './report-query.ts'
import { RowSum } from './report-row.ts'
import type { ReportRow, Span } from './report-row.ts'

const TARGET = KEYS.indexOf('target')
const OUTCOME = KEYS.indexOf('outcome')

/** What calls came to, of those that are over. */
export interface CallReport {
  /** What it covers: of what was asked for, as much as is kept. Milliseconds of the clock. */
  readonly from: number
  readonly to: number
  /** By time, and the most requests first. */
  readonly rows: readonly ReportRow[]
  /** Requests that stand under `(other)`, for want of room to tell them apart. */
  readonly collapsed: number
}

export interface Report extends CallReport {
  readonly queues: readonly QueueGauge[]
}

/**
 * Slots that are only in part within the time that was asked for count in full.
 *
 * @throws {PlimsollError} `invalid-call` for a query that makes no sense
 */
export function reportOf(cells: Cells, query: ReportQuery, now: number): CallReport {
  const asked = checkQuery(query)
  const keys = asked.by.map((key) => KEYS.indexOf(key))
  const rows = new Map<string, RowSum>()
  let first = Infinity
  for (const { from, ms, cells: slot } of cells.slots()) {
    if (from + ms <= asked.since || from >= asked.until) continue
    first = Math.min(first, from)
    const span = spanOf(from, ms, asked.everyMs)
    for (const { names, cell } of slot) {
      const own = keys.map((key) => names[key]?.value)
      const id = [span.from, span.to, ...own].join('\0')
      let row = rows.get(id)
      if (row === undefined) rows.set(id, (row = new RowSum(span, own)))
      row.add(cell, names[TARGET]!.value, names[OUTCOME]!.value as CallRecord['outcome'])
    }
  }
  const to = Math.min(now, asked.until)
  const range = { from: Math.min(Math.max(first, asked.since), to), to }
  const sums = [...rows.values()]
  return {
    ...range,
    rows: sums
      .map((sum) => sum.row(asked.by, range))
      .toSorted((a, b) => a.from - b.from || b.requests - a.requests),
    collapsed: sums.reduce((all, sum) => all + (sum.isCollapsed ? sum.requests : 0), 0),
  }
}

/** Slots that are longer than what was asked for are not cut: nobody knows when in them it was. */
function spanOf(slot: number, ms: number, everyMs: number | undefined): Span {
  if (everyMs === undefined) return { from: -Infinity, to: Infinity }
  const long = (everyMs / greatestCommonDivisor(everyMs, ms)) * ms
  const from = floor(slot, long)
  return { from, to: from + long }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

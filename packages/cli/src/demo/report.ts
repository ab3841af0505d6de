import { costOf } from './cost.ts'
import { lowerBound } from './lower-bound.ts'
import type { LowerBound } from './lower-bound.ts'
import type { SideResult } from './run-side.ts'
import { quantile } from './tally.ts'

/** What is said of one side, in `--json` too. */
export interface Report {
  readonly runsTotal: number
  readonly runsCompleted: number
  /** Requests that reached the provider, retries included. */
  readonly calls: number
  readonly rateLimited: number
  readonly rateLimitedShare: number
  /** From the first admission to the last completion, by the server's clock; without one, from the first arrival. */
  readonly makespanMs: number | null
  readonly lowerBoundMs: number | null
  /** Of completed runs: from a user's arrival to the end of their last answer. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  /** All that was paid for, over the runs that were completed; null without a price, or a run. */
  readonly costPerRunUsd: number | null
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface Judged {
  readonly result: SideResult
  readonly report: Report
  readonly bound: LowerBound | undefined
}

const TOO_MANY_REQUESTS = '429'

/** @param chainMs the shortest run's pure time of service */
export function judge(result: SideResult, chainMs: number): Judged {
  const { tally, stats } = result
  const bound = stats && lowerBound(stats, chainMs)
  const calls = stats?.total.received ?? tally.requests
  const rateLimited = stats ? (stats.total.byStatus[TOO_MANY_REQUESTS] ?? 0) : tally.rateLimited
  const report: Report = {
    runsTotal: tally.runsTotal,
    runsCompleted: tally.runsCompleted,
    calls,
    rateLimited,
    rateLimitedShare: calls === 0 ? 0 : rateLimited / calls,
    makespanMs: rounded(makespanOf(result)),
    lowerBoundMs: rounded(bound?.ms),
    p50Ms: rounded(quantile(tally.runMs, 0.5)),
    p95Ms: rounded(quantile(tally.runMs, 0.95)),
    p99Ms: rounded(quantile(tally.runMs, 0.99)),
    costPerRunUsd: perRun(costOf(result), tally.runsCompleted),
    inputTokens: stats?.total.promptTokens ?? tally.inputTokens,
    outputTokens: stats?.total.completionTokens ?? tally.outputTokens,
  }
  return { result, report, bound }
}

function makespanOf({ stats, tally }: SideResult): number | undefined {
  const [from, to] = stats
    ? [stats.total.firstAdmissionMs, stats.total.lastCompletionMs]
    : [tally.firstArrivalAt, tally.lastCompletionAt]
  return typeof from === 'number' && typeof to === 'number' ? to - from : undefined
}

function perRun(cost: number | null, runs: number): number | null {
  return cost === null || runs === 0 ? null : cost / runs
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value * 10) / 10
}

import { sumOf } from './endings.ts'
import type { Endings } from './endings.ts'
import type { ChaosResult } from './run.ts'
import type { ChaosSetup } from './setup.ts'

/** What is said of a bad day, in `--json` too. */
export interface ChaosReport extends Endings {
  readonly runsTotal: number
  /** Requests that reached the provider. */
  readonly calls: number
  readonly rateLimited: number
  /** By kind, as the server counted them. */
  readonly faults: Readonly<Record<string, number>>
  /** From a user's arrival to the end, whichever it was. */
  readonly slowestMs: number
  readonly deadlineMs: number
  /** Runs that Plimsoll has not told the end of. */
  readonly unrecorded: number
  readonly leftBehind: number
  /** Every run came to an answer, a marked lesser answer or a clear refusal, and nothing is held on to. */
  readonly sound: boolean
}

export function chaosReport(result: ChaosResult, { runs, deadlineMs }: ChaosSetup): ChaosReport {
  const { endings, slowestMs, stats, runsRecorded, leftBehind } = result
  const runsTotal = runs.length
  const unrecorded = runsTotal - runsRecorded
  const lost = sumOf(Object.entries(endings.lost))
  return {
    runsTotal,
    ...endings,
    calls: stats.total.received,
    rateLimited: stats.total.byStatus['429'] ?? 0,
    faults: stats.total.faults,
    slowestMs: Math.round(slowestMs),
    deadlineMs,
    unrecorded,
    leftBehind,
    sound: endings.hung === 0 && lost === 0 && unrecorded === 0 && leftBehind === 0,
  }
}

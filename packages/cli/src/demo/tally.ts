import { reasonOf } from './reason.ts'

/** What the client's side sees of one way of running the workload, while it goes on. */
export class Tally {
  readonly runsTotal: number
  runsCompleted = 0
  runsFailed = 0
  /** Model calls that have begun and not ended, waiting ones included. */
  openCalls = 0
  /** Requests sent, and those answered with 429, as the client's own `fetch` saw them. */
  requests = 0
  rateLimited = 0
  inputTokens = 0
  outputTokens = 0
  readonly requestsByModel = new Map<string, number>()
  readonly runMs: number[] = []
  /** Of interactive calls: from when the application asked until it had something to show. */
  readonly firstTokenMs: number[] = []
  readonly failures = new Map<string, number>()
  firstArrivalAt: number | undefined
  lastCompletionAt: number | undefined

  constructor(runsTotal: number) {
    this.runsTotal = runsTotal
  }

  failed(error: unknown): void {
    this.runsFailed++
    const reason = reasonOf(error)
    if (this.failures.has(reason) || this.failures.size < MOST_REASONS) {
      this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1)
    }
  }
}

const MOST_REASONS = 50

/** The value that this part of them does not exceed; null when there are none. */
export function quantile(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null
}

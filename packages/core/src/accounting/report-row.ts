import type { FailureClass } from '../call/outcome.ts'
import type { CallRecord } from '../call/record.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import { Cell } from './cell.ts'
import { MINUTE } from './cells.ts'
import { OTHER } from './names.ts'
import type { ReportKey } from './names.ts'
import type { Percentiles } from './sketch.ts'

export interface Span {
  readonly from: number
  readonly to: number
}

/** What the calls of one row came to. Shares and rates are between 0 and 1. */
export interface ReportRow extends Span {
  /** The values of the keys that were asked for. A key is absent for calls that have none. */
  readonly key: Readonly<Partial<Record<ReportKey, string>>>
  readonly requests: number
  readonly outcomes: Readonly<Partial<Record<CallRecord['outcome'], number>>>
  /** Calls that failed or were refused: what users noticed. */
  readonly failedRequests: number
  /** Of the requests, those that were asked besides others, for comparison. */
  readonly shadows: number
  /** Attempts sent to providers. */
  readonly attempts: number
  readonly retries: number
  /** Attempts that a rate limit turned back: 429s. */
  readonly rateLimited: number
  readonly timeouts: number
  /** Attempts that failed, by class. */
  readonly errors: Readonly<Partial<Record<FailureClass, number>>>

  readonly inputTokens: number
  /** Of the input, what providers read from their prompt caches. */
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Input and output, over the row's time, or a minute if that is shorter. */
  readonly tokensPerMinute: number

  /** Dollars. Absent where no price was known: never 0 for that. */
  readonly costUsd?: number
  /** Of the cost, what was paid for answers that nobody got whole. */
  readonly wastedUsd?: number
  /** Calls that are not in the cost, because their price is not known. */
  readonly unpriced: number

  readonly latencyMs: {
    /** Of calls that were not refused. */
    readonly total?: Percentiles
    readonly queue?: Percentiles
    /** From the start of the call to its first content, its wait included. */
    readonly firstContent?: Percentiles
  }

  /** Requests answered from our cache. */
  readonly cacheHitRate: number
  /** Requests answered by the same request of another. */
  readonly joinedRate: number
  /** Input read from providers' prompt caches, of all input. */
  readonly promptCacheRate: number
  readonly fallbackRate: number
  readonly degradedRate: number
  /** Of the requests, the share of each target. */
  readonly targets: Readonly<Record<string, number>>
}

/** Cells of one row, put together. */
export class RowSum {
  readonly #span: Span
  readonly #values: readonly (string | undefined)[]
  readonly #cell = new Cell()
  readonly #targets = new Map<string, number>()
  readonly #outcomes = new Map<CallRecord['outcome'], number>()
  #failed = 0

  constructor(span: Span, values: readonly (string | undefined)[]) {
    this.#span = span
    this.#values = values
  }

  get requests(): number {
    return this.#cell.requests
  }

  get isCollapsed(): boolean {
    return this.#values.includes(OTHER)
  }

  add(cell: Cell, target: string, outcome: CallRecord['outcome']): void {
    this.#cell.merge(cell)
    this.#targets.set(target, (this.#targets.get(target) ?? 0) + cell.requests)
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + cell.requests)
    if (outcome === 'failed' || outcome === 'rejected') this.#failed += cell.requests - cell.shadows
  }

  row(keys: readonly ReportKey[], range: Span): ReportRow {
    const sum = this.#cell
    const from = Math.max(this.#span.from, range.from)
    const to = Math.max(from, Math.min(this.#span.to, range.to))
    const minutes = Math.max(1, (to - from) / MINUTE)
    const { requests, inputTokens, outputTokens } = sum
    const named = keys.flatMap((key, index) => {
      const value = this.#values[index]
      return value === undefined ? [] : [[key, value] as const]
    })
    return {
      key: Object.fromEntries(named),
      from,
      to,
      requests,
      outcomes: Object.fromEntries(this.#outcomes),
      failedRequests: this.#failed,
      shadows: sum.shadows,
      attempts: sum.attempts,
      retries: sum.retries,
      rateLimited: sum.rateLimited,
      timeouts: sum.failures?.get('timeout') ?? 0,
      errors: Object.fromEntries(sum.failures ?? []),
      inputTokens,
      cachedTokens: sum.cacheReadTokens,
      outputTokens,
      tokensPerMinute: (inputTokens + outputTokens) / minutes,
      ...costsOf(sum),
      unpriced: sum.unpriced,
      latencyMs: latencyOf(sum),
      cacheHitRate: sum.hits / requests,
      joinedRate: sum.joined / requests,
      promptCacheRate: inputTokens === 0 ? 0 : sum.cacheReadTokens / inputTokens,
      fallbackRate: sum.fallbacks / requests,
      degradedRate: sum.degraded / requests,
      targets: Object.fromEntries(
        Array.from(this.#targets, ([target, count]) => [target, count / requests] as const),
      ),
    }
  }
}

function costsOf({
  nanoUsd,
  wastedNanoUsd,
  priced,
  unpriced,
}: Cell): Pick<ReportRow, 'costUsd' | 'wastedUsd'> {
  if (priced === 0 && unpriced > 0) return {}
  return { costUsd: nanoUsd / NANO_PER_USD, wastedUsd: wastedNanoUsd / NANO_PER_USD }
}

function latencyOf({ total, queue, firstContent }: Cell): ReportRow['latencyMs'] {
  const entries = Object.entries({ total, queue, firstContent }).flatMap(([name, sketch]) => {
    const percentiles = sketch.percentiles()
    return percentiles === undefined ? [] : [[name, percentiles] as const]
  })
  return Object.fromEntries(entries)
}

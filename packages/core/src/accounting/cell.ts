import type { FailureClass } from '../call/outcome.ts'
import type { CallRecord } from '../call/record.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import { Sketch } from './sketch.ts'

/** Calls that have something in common, added up. */
export class Cell {
  requests = 0
  attempts = 0
  retries = 0
  rateLimited = 0
  inputTokens = 0
  outputTokens = 0
  cacheReadTokens = 0
  /** Whole billionths of a dollar: a sum of them has no error to drift by. */
  nanoUsd = 0
  wastedNanoUsd = 0
  priced = 0
  unpriced = 0
  hits = 0
  joined = 0
  fallbacks = 0
  degraded = 0
  shadows = 0
  failures: Map<FailureClass, number> | undefined
  readonly total = new Sketch()
  readonly queue = new Sketch()
  readonly firstContent = new Sketch()

  add(record: CallRecord): void {
    const { usage, latencyMs, cache } = record
    this.requests++
    this.attempts += count(record.attempts)
    this.retries += count(record.retries)
    this.rateLimited += count(record.rateLimited)
    this.inputTokens += count(usage.inputTokens)
    this.outputTokens += count(usage.outputTokens)
    this.cacheReadTokens += count(usage.cacheReadTokens)
    this.#spend(record)
    if (cache === 'joined') this.joined++
    else if (cache !== undefined) this.hits++
    if (record.fallback) this.fallbacks++
    if (record.degraded !== undefined) this.degraded++
    if (record.shadowOf !== undefined) this.shadows++
    for (const kind of Object.keys(record.failures) as FailureClass[])
      this.#fail(kind, count(record.failures[kind]))
    // A refusal takes no time: it would make slow answers look fast.
    if (record.outcome !== 'rejected') this.total.add(latencyMs.total)
    this.queue.add(latencyMs.queue)
    if (latencyMs.firstContent !== undefined) this.firstContent.add(latencyMs.firstContent)
  }

  merge(other: Cell): void {
    for (const name of SUMS) this[name] += other[name]
    for (const [kind, times] of other.failures ?? []) this.#fail(kind, times)
    this.total.merge(other.total)
    this.queue.merge(other.queue)
    this.firstContent.merge(other.firstContent)
  }

  /** A call that sent nothing costs nothing, whatever its price. */
  #spend({ costUsd, wastedUsd, attempts }: CallRecord): void {
    if (costUsd === undefined || !Number.isFinite(costUsd)) {
      if (attempts > 0) this.unpriced++
      return
    }
    if (attempts > 0) this.priced++
    this.nanoUsd += Math.round(count(costUsd) * NANO_PER_USD)
    this.wastedNanoUsd += Math.round(count(wastedUsd) * NANO_PER_USD)
  }

  #fail(kind: FailureClass, times: number): void {
    this.failures ??= new Map()
    this.failures.set(kind, (this.failures.get(kind) ?? 0) + times)
  }
}

const SUMS = [
  'requests',
  'attempts',
  'retries',
  'rateLimited',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'nanoUsd',
  'wastedNanoUsd',
  'priced',
  'unpriced',
  'hits',
  'joined',
  'fallbacks',
  'degraded',
  'shadows',
] as const

/** What is no count adds nothing, or one bad record would make every sum NaN. */
function count(value: number | undefined): number {
  return value !== undefined && value > 0 && value < Infinity ? value : 0
}

import type { CallRecord, RunRecord } from '../call/record.ts'
import type { RunScope } from '../call/scope.ts'
import type { Usage } from '../call/usage.ts'
import { addUsage } from '../call/usage.ts'

/** Names of steps that are told apart; a run that makes names up as it goes does not grow without end. */
const MOST_STEPS = 256
const OTHER_STEPS = '(other)'

/** Counts what a run has open, and adds up what it used. It is over when its function is, and every reply opened inside. */
export class RunTally implements RunScope {
  #open = 1
  #ended = false
  readonly #onEnd: () => void
  #calls = 0
  #attempts = 0
  #retries = 0
  #rateLimited = 0
  #cacheHits = 0
  #fallbacks = 0
  #degraded = 0
  #usage: Usage = {}
  #estimated = false
  #costUsd: number | undefined = 0
  #wastedUsd: number | undefined = 0
  #queue = 0
  #retryDelay = 0
  #model = 0
  #validation = 0
  readonly #steps = new Map<string, number>()

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  began(): (record: CallRecord) => void {
    this.#open++
    return (record) => {
      this.#add(record)
      this.functionEnded()
    }
  }

  stepped(name: string, ms: number): void {
    const key = this.#steps.has(name) || this.#steps.size < MOST_STEPS ? name : OTHER_STEPS
    this.#steps.set(key, (this.#steps.get(key) ?? 0) + ms)
  }

  gaveUp(): void {
    this.#degraded++
  }

  functionEnded(): void {
    if (--this.#open > 0 || this.#ended) return
    this.#ended = true
    this.#onEnd()
  }

  record({
    totalMs,
    ...of
  }: Pick<RunRecord, 'at' | 'run' | 'workflow' | 'attributes' | 'outcome'> & { totalMs: number }): RunRecord {
    return {
      ...of,
      calls: this.#calls,
      attempts: this.#attempts,
      retries: this.#retries,
      rateLimited: this.#rateLimited,
      cacheHits: this.#cacheHits,
      fallbacks: this.#fallbacks,
      degraded: this.#degraded,
      usage: this.#usage,
      estimated: this.#estimated,
      ...(this.#costUsd === undefined ? {} : { costUsd: this.#costUsd }),
      ...(this.#wastedUsd === undefined ? {} : { wastedUsd: this.#wastedUsd }),
      latencyMs: {
        queue: this.#queue,
        retryDelay: this.#retryDelay,
        model: this.#model,
        validation: this.#validation,
        steps: Object.fromEntries(this.#steps),
        total: totalMs,
      },
    }
  }

  #add(record: CallRecord): void {
    const { latencyMs } = record
    this.#calls++
    this.#attempts += record.attempts
    this.#retries += record.retries
    this.#rateLimited += record.rateLimited
    if (record.cache !== undefined) this.#cacheHits++
    if (record.fallback) this.#fallbacks++
    if (record.degraded !== undefined) this.#degraded++
    this.#usage = addUsage(this.#usage, record.usage)
    this.#estimated ||= record.estimated
    this.#costUsd = sum(this.#costUsd, record.costUsd)
    this.#wastedUsd = sum(this.#wastedUsd, record.wastedUsd)
    this.#queue += latencyMs.queue
    this.#retryDelay += latencyMs.retryDelay
    this.#model += latencyMs.model
    this.#validation += latencyMs.validation
  }
}

/** Not known where either is not. */
function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}

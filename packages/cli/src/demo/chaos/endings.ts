import { PlimsollError } from '@plimsoll/core'
import { reasonOf } from '../reason.ts'
import type { Sent } from '../send.ts'
import type { Side } from '../sides/side.ts'
import type { ModelCall, Run } from '../workload.ts'

/** How runs ended. Each is in one of them. */
export interface Endings {
  readonly answered: number
  /** Some of its answers are lesser ones, and marked: by their rungs. */
  readonly lesser: Readonly<Record<string, number>>
  /** It was told why, by the refusal's code. */
  readonly refused: Readonly<Record<string, number>>
  /** It came to an end that says nothing: an empty answer, an error of no known kind. By what that was. */
  readonly lost: Readonly<Record<string, number>>
  /** It came to no end. */
  readonly hung: number
}

/** Watches a side from where its caller stands: counts only what the caller can see. */
export class Watch {
  readonly #total: number
  readonly #rungs = new Map<ModelCall, string>()
  readonly #empty = new Set<ModelCall>()
  readonly #lesser = new Map<string, number>()
  readonly #refused = new Map<string, number>()
  readonly #lost = new Map<string, number>()
  #answered = 0
  /** Of runs that have ended. */
  slowestMs = 0

  constructor(total: number) {
    this.#total = total
  }

  side(inner: Side): Side {
    return {
      call: async (call, signal) => {
        const sent = await inner.call(call, signal)
        this.#note(call, sent)
        return sent
      },
      run: async (run, chain) => {
        const arrivedAt = performance.now()
        try {
          await inner.run(run, chain)
          this.#ended(run)
        } catch (error) {
          this.#failed(error)
          throw error
        } finally {
          this.slowestMs = Math.max(this.slowestMs, performance.now() - arrivedAt)
        }
      },
    }
  }

  get ended(): number {
    return [this.#lesser, this.#refused, this.#lost].reduce((sum, by) => sum + sumOf(by), this.#answered)
  }

  /** As it is now: what has not ended yet counts as hung. */
  endings(): Endings {
    return {
      answered: this.#answered,
      lesser: Object.fromEntries(this.#lesser),
      refused: Object.fromEntries(this.#refused),
      lost: Object.fromEntries(this.#lost),
      hung: this.#total - this.ended,
    }
  }

  #note(call: ModelCall, { degraded, characters }: Sent): void {
    if (degraded !== undefined) this.#rungs.set(call, degraded)
    if (characters === 0) this.#empty.add(call)
  }

  #ended({ calls }: Run): void {
    if (calls.some((call) => this.#empty.has(call))) return count(this.#lost, 'an empty answer')
    const rungs = new Set(calls.flatMap((call) => this.#rungs.get(call) ?? []))
    if (rungs.size === 0) this.#answered++
    else count(this.#lesser, [...rungs].toSorted().join(' and '))
  }

  #failed(error: unknown): void {
    const refusal = PlimsollError.find(error)
    if (refusal === undefined) count(this.#lost, reasonOf(error))
    else count(this.#refused, refusal.code)
  }
}

function count(by: Map<string, number>, key: string): void {
  by.set(key, (by.get(key) ?? 0) + 1)
}

export function sumOf(by: Iterable<readonly [string, number]>): number {
  let sum = 0
  for (const [, times] of by) sum += times
  return sum
}

import type { PlimsollError } from '../call/errors.ts'
import type { Clock } from '../time/clock.ts'
import type { Budgets } from './budgets.ts'
import { deadlineExceeded } from './refusals.ts'
import { RETRY_MS } from './sender.ts'
import type { Waiter } from './waiter.ts'

export interface LookupsOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly reject: (waiter: Waiter, error: PlimsollError) => void
}

/** Calls whose budgets are still being looked up: nobody is let in by coming before they are known. */
export class Lookups {
  readonly #options: LookupsOptions
  readonly #waiters = new Set<Waiter>()

  constructor(options: LookupsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiters.size
  }

  /** `found` is called unless the waiter has left, or its deadline has passed, before. */
  add(waiter: Waiter, finding: Promise<Budgets>, found: (budgets: Budgets) => void): void {
    const { clock, now, reject } = this.#options
    const waitMs = waiter.ask.deadline - now()
    const late = (): void => reject(waiter, deadlineExceeded('budgets', waitMs, RETRY_MS))
    const cancelTimer = Number.isFinite(waitMs) ? clock.timer(waitMs, late) : undefined
    const leave = (): void => {
      this.#waiters.delete(waiter)
      cancelTimer?.()
    }
    this.#waiters.add(waiter)
    waiter.onChange(leave)
    finding.then(
      (budgets) => {
        if (waiter.state !== 'queued') return
        leave()
        found(budgets)
      },
      (error: PlimsollError) => reject(waiter, error),
    )
  }

  rejectAll(error: () => PlimsollError): void {
    for (const waiter of this.#waiters) this.#options.reject(waiter, error())
  }
}

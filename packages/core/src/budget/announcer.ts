import type { Events } from '../call/events.ts'
import type { Usage } from '../call/usage.ts'
import type { StoreFallback } from '../store/port.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import type { Waiter } from './waiter.ts'

/** Tells what happens to calls on their way through admission. With nobody listening it costs nothing. */
export class Announcer {
  readonly #events: Events
  readonly #now: () => number

  constructor(events: Events, now: () => number) {
    this.#events = events
    this.#now = now
  }

  entered(waiter: Waiter, predictedWaitMs: number): void {
    if (this.#events.heard) this.#events.emit({ type: 'queue.entered', predictedWaitMs, ...this.#of(waiter) })
  }

  /** Whatever the reason; only of those that had entered. */
  left(waiter: Waiter): void {
    if (waiter.predictedMs < 0 || !this.#events.heard) return
    const of = this.#of(waiter)
    this.#events.emit({ type: 'queue.left', waitedMs: of.at - waiter.since, ...of })
  }

  reserved(waiter: Waiter): void {
    if (!this.#events.heard) return
    this.left(waiter)
    const { plan, amounts } = waiter.ask
    const byKey = Object.fromEntries(
      plan.lines.map(({ unit, bucket }, index) => [
        bucket.key,
        unit === 'usd' ? amounts[index]! / NANO_PER_USD : amounts[index]!,
      ]),
    )
    this.#events.emit({ type: 'budget.reserved', amounts: byKey, ...this.#of(waiter) })
  }

  rejected(waiter: Waiter): void {
    const { error } = waiter
    if (!this.#events.heard || error === undefined) return
    this.left(waiter)
    const by = error.limit ?? error.code
    this.#events.emit({ type: 'call.rejected', code: error.code, by, ...this.#of(waiter) })
  }

  settled(waiter: Waiter, usage: Usage, certainty: 'exact' | 'at-least'): void {
    if (this.#events.heard)
      this.#events.emit({ type: 'budget.settled', usage, certainty, ...this.#of(waiter) })
  }

  cancelled(waiter: Waiter): void {
    if (this.#events.heard) this.#events.emit({ type: 'budget.cancelled', ...this.#of(waiter) })
  }

  leaseExpired(waiter: Waiter): void {
    if (this.#events.heard) this.#events.emit({ type: 'lease.expired', ...this.#of(waiter) })
  }

  storeFailed(error: unknown): void {
    this.#events.emit({ type: 'store.failed', at: this.#now(), error })
  }

  storeLost(instead: StoreFallback, error: unknown): void {
    this.#events.emit({ type: 'store.lost', at: this.#now(), instead, error })
  }

  storeRegained(): void {
    this.#events.emit({ type: 'store.regained', at: this.#now() })
  }

  listenerFailed(error: unknown): void {
    this.#events.emit({ type: 'listener.failed', at: this.#now(), error })
  }

  paused(target: string, forMs: number): void {
    this.#events.emit({ type: 'limit.paused', at: this.#now(), target, forMs })
  }

  learnt(target: string, unit: string, amount: number): void {
    this.#events.emit({ type: 'limit.learnt', at: this.#now(), target, unit, amount })
  }

  #of(waiter: Waiter): { at: number; callId: string; target: string } {
    const { callId, target } = waiter.ask.purpose
    return { at: this.#now(), callId, target: target.id }
  }
}

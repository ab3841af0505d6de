import type { Call, CallState } from '../call/call.ts'
import type { End, Outcome } from '../call/outcome.ts'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cancel } from '../time/clock.ts'

/** One caller of a flight. */
export class Member<T> {
  readonly call: Call<T>
  readonly joinedAt: number
  readonly outcome: Promise<Outcome<T>>
  readonly end: Promise<End>
  /** Runs in the caller's own context, whoever's turn it is. */
  readonly within = AsyncLocalStorage.snapshot()
  /** Whether the flight was tried in its name. */
  tried = false
  /** Whether it waits for the outcome, or reads the stream. */
  present = true
  readonly #resolve: (outcome: Outcome<T>) => void
  readonly #resolveEnd: (end: End) => void
  readonly #cleanUp: Cancel[] = []

  constructor(call: Call<T>, joinedAt: number) {
    this.call = call
    this.joinedAt = joinedAt
    const outcome = Promise.withResolvers<Outcome<T>>()
    const end = Promise.withResolvers<End>()
    this.outcome = outcome.promise
    this.end = end.promise
    this.#resolve = outcome.resolve
    this.#resolveEnd = end.resolve
  }

  /** Until it has its outcome. */
  until(cancel: Cancel): void {
    this.#cleanUp.push(cancel)
  }

  settle(outcome: Outcome<T>): void {
    for (const cancel of this.#cleanUp.splice(0)) cancel()
    this.#resolve(outcome)
  }

  settleEnd(end: End): void {
    this.#resolveEnd(end)
  }

  /** What the flight has come to is its to account for. */
  pay(by: CallState): void {
    const { state } = this.call
    const { startedAt, prepared, inputLengths } = state
    Object.assign(state, by, { startedAt, prepared, inputLengths })
    // It may have come when the others had content already.
    if (by.firstContentAt !== undefined) state.firstContentAt = Math.max(by.firstContentAt, startedAt)
  }
}

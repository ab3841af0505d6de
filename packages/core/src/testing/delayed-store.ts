import type { AnswerTo, Op, Store } from '../store/port.ts'
import type { Clock } from '../time/clock.ts'
import { monotonic } from '../time/monotonic.ts'

export interface DelayedStoreOptions {
  readonly inner: Store
  readonly clock: Clock
  /** How long one operation takes, there and back. Operations stay in order, as on one connection. */
  readonly delayMs: (op: Op) => number
  /**
   * Whether an operation fails: `before` it reaches the store, or `after` it was done there, when only its answer is
   * lost. @defaultValue never
   */
  readonly fails?: (op: Op) => 'before' | 'after' | undefined
}

/** A store that answers later, and not always: what a shared one is like, without a network. */
export function delayedStore({ inner, clock, delayMs, fails = () => undefined }: DelayedStoreOptions): Store {
  // A shared store goes by a clock of its own.
  const storeNow = monotonic(() => clock.now())
  let arrivesAt = Number.NEGATIVE_INFINITY
  let answersAt = Number.NEGATIVE_INFINITY
  return {
    send<O extends Op>(op: O, _now: number, done: (answer: AnswerTo<O>) => void): void {
      const sentAt = storeNow()
      const delay = delayMs(op)
      arrivesAt = Math.max(arrivesAt, sentAt + delay / 2)
      answersAt = Math.max(answersAt, arrivesAt + delay / 2)
      const failure = fails(op)
      const backAt = answersAt
      clock.timer(arrivesAt - sentAt, () => {
        let answer: AnswerTo<O> = {
          kind: 'failure',
          error: new Error(`The store lost ${op.type}.`),
        } as AnswerTo<O>
        if (failure !== 'before') {
          inner.send(op, storeNow(), (given) => {
            if (failure === undefined) answer = given
          })
        }
        clock.timer(backAt - storeNow(), () => done(answer))
      })
    },
  }
}

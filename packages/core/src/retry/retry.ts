import type { Attributes } from '../call/attributes.ts'
import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import { CLASS_RULES, triesOf } from '../call/failure-classes.ts'
import { whenOver } from '../call/outcome.ts'
import type { Failure, Outcome } from '../call/outcome.ts'
import type { Next, Policy } from '../call/policy.ts'
import type { Clock } from '../time/clock.ts'
import { backoffMs } from './backoff.ts'
import type { RetryConfig } from './retry-config.ts'
import type { Sleepers } from './sleep.ts'
import { TryBudget } from './try-budget.ts'
import { lru } from '../structures/lru.ts'

const BUDGET = 0.1
const FLOOR = { perSecond: 1, least: 5, most: 100 } as const
/** Targets whose budgets are kept; one that was forgotten begins with its floor. */
const MOST_TARGETS = 10_000

export interface RetryOptions {
  readonly clock: Clock
  readonly sleepers: Sleepers
  readonly now: () => number
  readonly events: Events
  readonly configOf: (attributes: Attributes) => RetryConfig
  /** No wait may be longer: neither in the queue nor before a repeat. */
  readonly maxWaitMs: () => number
  /** Until when the target's circuit breaker lets nobody pass. */
  readonly openUntil: (target: string) => number
}

type Failed = Extract<Outcome<never>, { kind: 'failed' }>

/**
 * Repeats tries at one target, as the table of classes has it, within the call's own bounds and the target's budget. All
 * of that is asked before sleeping: who cannot be tried again gets the provider's error at once.
 */
export function retry(options: RetryOptions): Policy {
  const { clock, now, events, sleepers } = options
  const budgets = lru<TryBudget>(MOST_TARGETS)

  function budgetOf(target: string): TryBudget {
    let budget = budgets.get(target)
    if (budget === undefined) {
      budget = new TryBudget(FLOOR, now())
      budgets.set(target, budget)
    }
    return budget
  }

  /** Whether the table and the call's own bounds allow for another. */
  function mayTry(call: Call<unknown>, { tries, failure }: { tries: number; failure: Failure }): boolean {
    const { here, tries: most } = CLASS_RULES[failure.class]
    if (here !== 'backoff' && here !== 'once') return false
    const { maxAttempts, budget } = options.configOf(call.attributes)
    if (budget === 0 || (here === 'once' && tries >= most)) return false
    if (maxAttempts === undefined) return tries < most
    // Where another may answer, one target does not use up what the whole call has.
    return triesOf(call.state) < maxAttempts && (call.state.elsewhere !== true || tries < most)
  }

  /** How long to wait before another try; `undefined` when there is to be none. */
  function delayBefore(call: Call<unknown>, { failure }: Failed, tries: number): number | undefined {
    if (call.signal?.aborted === true || !mayTry(call, { tries, failure })) return undefined
    const { retryAfterMs } = failure
    const delayMs = backoffMs({ repeat: tries, retryAfterMs, random: clock.random() })
    const at = now()
    const until = at + delayMs
    // The wait would be for nothing: nobody is there any more, or nobody is let in.
    if (until >= call.deadline || delayMs > options.maxWaitMs()) return undefined
    if (until < options.openUntil(call.target)) return undefined
    const of = { at, callId: call.id, target: call.target, class: failure.class }
    if (!budgetOf(call.target).take(at)) {
      events.emit({ type: 'retry.denied', ...of })
      return undefined
    }
    events.emit({ type: 'retry.scheduled', attempt: call.state.attempts + 1, delayMs, ...of })
    return delayMs
  }

  return {
    name: 'retry',
    async run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      const { state, target } = call
      const { budget = BUDGET } = options.configOf(call.attributes)
      const before = triesOf(state)
      let failed: Failed | undefined
      for (;;) {
        const outcome = await next(call)
        if (outcome.kind === 'ok') {
          if (failed === undefined) {
            whenOver(outcome.reply.end, ({ how }) => {
              if (how === 'finished') budgetOf(target).earned(budget)
            })
          }
          return outcome
        }
        // It was tried, and what came of that is what there is to say; that it cannot be tried again is no more than why.
        if (outcome.kind === 'rejected' && outcome.side === 'target' && failed !== undefined) return failed
        if (outcome.kind !== 'failed') return outcome
        failed = outcome
        const delayMs = delayBefore(call, outcome, triesOf(state) - before)
        if (delayMs === undefined) return outcome
        const since = now()
        await sleepers.sleep(delayMs, call.signal)
        state.retryDelayMs += now() - since
        if (call.signal?.aborted === true) return { kind: 'aborted', reason: call.signal.reason }
      }
    },
  }
}

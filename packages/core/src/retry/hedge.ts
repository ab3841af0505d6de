import type { Attributes } from '../call/attributes.ts'
import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import { triesOf } from '../call/failure-classes.ts'
import type { Outcome } from '../call/outcome.ts'
import type { Next, Policy } from '../call/policy.ts'
import type { Clock } from '../time/clock.ts'
import { HedgeDelay } from './hedge-delay.ts'
import type { HedgeConfig } from './retry-config.ts'
import { Race } from './race.ts'
import { lru } from '../structures/lru.ts'

const QUANTILE = 0.95
const MOST_TARGETS = 10_000
/** Only where there is room: a second request must not stand in line before somebody's first. */
const WAIT_MS = 50

export interface HedgeOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly events: Events
  readonly configOf: (attributes: Attributes) => {
    readonly hedge: HedgeConfig
    readonly maxAttempts: number | undefined
  }
}

/**
 * Asks the same target again when its first content takes longer than it hardly ever does; the first good answer wins, and
 * the other request is aborted, and paid for. The time runs from when the request was sent: waiting in the queue is not
 * the target's slowness, and a second place in line does not shorten it.
 */
export function hedge(options: HedgeOptions): Policy {
  const { clock, now, events } = options
  const delays = lru<HedgeDelay>(MOST_TARGETS)

  function delayOf(target: string, quantile: number): HedgeDelay {
    const key = `${quantile} ${target}`
    let delay = delays.get(key)
    if (delay === undefined) {
      delay = new HedgeDelay(quantile)
      delays.set(key, delay)
    }
    return delay
  }

  return {
    name: 'hedge',
    run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      const { hedge: wanted, maxAttempts = Infinity } = options.configOf(call.attributes)
      if (wanted === false) return next(call)
      const delay = delayOf(call.target, wanted === true ? QUANTILE : wanted.quantile)
      const { state, id, target } = call
      delay.began()
      const race = new Race(call, next)
      const second = (): void => {
        if (triesOf(state) >= maxAttempts || now() >= call.deadline || !delay.take()) return
        events.emit({ type: 'hedge.started', at: now(), callId: id, target })
        race.start({ deadline: Math.min(call.deadline, now() + WAIT_MS), onSent: timed })
      }
      /** Watches one request until it has opened or failed, and learns from it. */
      function timed(): (opened: boolean) => void {
        const sentAt = now()
        return (opened) => {
          if (opened) delay.learn(now() - sentAt)
        }
      }
      race.start({
        onSent: () => {
          const over = timed()
          const { ms } = delay
          const cancel = ms === undefined ? undefined : clock.timer(ms, second)
          return (opened) => {
            cancel?.()
            over(opened)
          }
        },
      })
      return race.outcome
    },
  }
}

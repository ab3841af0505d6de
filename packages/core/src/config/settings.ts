import type { Events } from '../call/events.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Timeouts } from '../call/timeouts.ts'
import { Budgets } from '../budget/budgets.ts'
import type { QueueOptions } from '../budget/queue-options.ts'
import type { TargetsSettings } from '../budget/targets.ts'
import type { PlimsollSettings } from './config.ts'
import type { BreakerOptions } from '../retry/breaker.ts'
import type { HedgeConfig, RetryConfig } from '../retry/retry-config.ts'
import type { TaskConfig } from './task-config.ts'
import { profilesWith } from '../providers/profiles.ts'
import type { Clock } from '../time/clock.ts'
import { tablePrices } from '../tokens/price.ts'

const QUEUE: QueueOptions = {
  maxWaiting: 10_000,
  maxWaitMs: 60_000,
  ageMs: 10_000,
  refuse: 'expected',
  weight: () => 1,
}

const BREAKER: BreakerOptions = { failures: 10, openMs: 5_000 }

/** What holds for calls of a task: what it says itself, else what is said for all. */
export function timeoutsOf(settings: PlimsollSettings, task: TaskConfig | undefined): Timeouts {
  return merged(settings.timeouts, task?.timeouts)
}

export function retryOf(settings: PlimsollSettings, task: TaskConfig | undefined): RetryConfig {
  return merged(settings.retry, task?.retry)
}

export function hedgeOf(settings: PlimsollSettings, task: TaskConfig | undefined): HedgeConfig {
  return task?.hedge ?? settings.hedge ?? false
}

export function breakerOf({ breaker }: PlimsollSettings): BreakerOptions {
  return { ...BREAKER, ...breaker }
}

/** Asked with every call: nothing is put together where there is nothing to. */
function merged<T extends Timeouts | RetryConfig>(all: T | undefined, own: T | undefined): T {
  if (all === undefined || own === undefined) return all ?? own ?? ({} as T)
  return { ...all, ...own }
}

/** The queue's rules, with their defaults. */
export function queueOf({ queue }: PlimsollSettings, events: Events, clock: Clock): QueueOptions {
  const wanted = { ...QUEUE, ...queue }
  return { ...wanted, weight: safely(wanted.weight, events, clock) }
}

/** What targets are made of, with its defaults. */
export function targetsOf(settings: PlimsollSettings, queue: QueueOptions): TargetsSettings {
  const { targets = {}, pools = {}, providers = [], strict = false, prices } = settings
  return {
    targets,
    pools,
    profiles: profilesWith(providers),
    strict,
    queue,
    prices: typeof prices === 'object' ? tablePrices(prices) : prices,
    check: (priced) => checkPrices(settings, priced),
  }
}

/**
 * A target whose price nobody knows, under a budget that counts money, would be refused with every call: said at once
 * where it is certain.
 *
 * @throws {PlimsollError} `invalid-config`
 */
function checkPrices(settings: PlimsollSettings, listed: Parameters<TargetsSettings['check']>[0]): void {
  const { budgets = [], onUnknownPrice = 'refuse', prices } = settings
  if (onUnknownPrice === 'allow' || typeof budgets === 'function') return
  const all = new Budgets(budgets)
  for (const { id, priced } of listed) {
    if (priced !== undefined || !all.countMoneyOf(id)) continue
    const mend =
      prices === undefined
        ? 'set `prices`, such as `genaiPrices()` of @plimsoll/core/prices'
        : 'add it to `prices`, or correct the id'
    const message = `A budget counts money, and the price of \`${id}\` is not known: ${mend}, or set \`onUnknownPrice: 'allow'\`.`
    throw new PlimsollError({ code: 'invalid-config', message })
  }
}

/** A queue must not stop because the weight of one tenant could not be told: that tenant weighs 1, and it is said. */
function safely(weight: QueueOptions['weight'], events: Events, clock: Clock): QueueOptions['weight'] {
  return (tenant) => {
    try {
      return weight(tenant)
    } catch (error) {
      events.emit({ type: 'listener.failed', at: clock.now(), error })
      return 1
    }
  }
}

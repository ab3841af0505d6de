import type { CallRecord, Plimsoll, PlimsollEvent } from '@plimsoll/core'
import { Context, Effect, Metric, Scope } from 'effect'

/** Milliseconds, from one to about nine minutes. */
const BOUNDARIES_MS = Metric.exponentialBoundaries({ start: 1, factor: 2, count: 20 })

const calls = Metric.counter('plimsoll.calls', { description: 'Calls that are over', incremental: true })
const attempts = Metric.counter('plimsoll.attempts', { description: 'Requests sent', incremental: true })
const failures = Metric.counter('plimsoll.failures', {
  description: 'Attempts that failed',
  incremental: true,
})
const refusals = Metric.counter('plimsoll.refusals', { description: 'Calls refused', incremental: true })
const tokens = Metric.counter('plimsoll.tokens', { description: 'Tokens used', incremental: true })
const cost = Metric.counter('plimsoll.cost_usd', {
  description: 'Dollars, of calls whose price is known',
  incremental: true,
})
const queueMs = Metric.histogram('plimsoll.queue_ms', {
  description: 'Milliseconds that a call waited for room',
  boundaries: BOUNDARIES_MS,
})
const totalMs = Metric.histogram('plimsoll.duration_ms', {
  description: 'Milliseconds from the beginning of a call to its end',
  boundaries: BOUNDARIES_MS,
})

/**
 * Feeds Effect's metrics by the core's events, until the scope closes. By target, outcome and class alone, of which there
 * are few: what tenants and users come to is in `report`.
 */
export function feedMetrics(core: Plimsoll): Effect.Effect<void, never, Scope.Scope> {
  return Effect.flatMap(Effect.context(), (context) =>
    Effect.acquireRelease(
      Effect.sync(() => core.on((event) => feed(event, context))),
      (stop) => Effect.sync(stop),
    ),
  )
}

function feed(event: PlimsollEvent, context: Context.Context<never>): void {
  const add = (
    metric: Metric.Metric<number, unknown>,
    amount: number,
    attributes: Record<string, string>,
  ): void => Metric.withAttributes(metric, attributes).updateUnsafe(amount, context)
  switch (event.type) {
    case 'attempt.failed':
      return add(failures, 1, { target: event.target, class: event.class })
    case 'call.rejected':
      return add(refusals, 1, { target: event.target, code: event.code })
    case 'call.finished':
      return feedCall(event, add)
    default:
  }
}

type Add = (
  metric: Metric.Metric<number, unknown>,
  amount: number,
  attributes: Record<string, string>,
) => void

function feedCall(record: CallRecord, add: Add): void {
  const { target, outcome, usage, costUsd, latencyMs } = record
  add(calls, 1, { target, outcome })
  if (record.attempts > 0) add(attempts, record.attempts, { target })
  if (usage.inputTokens !== undefined) add(tokens, usage.inputTokens, { target, direction: 'input' })
  if (usage.outputTokens !== undefined) add(tokens, usage.outputTokens, { target, direction: 'output' })
  if (costUsd !== undefined) add(cost, costUsd, { target })
  add(queueMs, latencyMs.queue, { target })
  add(totalMs, latencyMs.total, { target })
}

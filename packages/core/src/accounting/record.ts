import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import { whenOver } from '../call/outcome.ts'
import type { End, Outcome } from '../call/outcome.ts'
import type { Step } from '../call/policy.ts'
import type { CallRecord } from '../call/record.ts'
import { currentScope } from '../call/scope.ts'
import { addUsage } from '../call/usage.ts'
import { sharedOut } from './input-parts.ts'

export interface RecordedOptions {
  readonly events: Events
  readonly now: () => number
  /** The call is over, however that came about. */
  readonly onEnded: (record: CallRecord) => void
}

/** Tells each call once, when it is over, and the run it belongs to. */
export function recorded(step: Step, { events, now, onEnded }: RecordedOptions): Step {
  return async (call) => {
    const ended = currentScope().run?.began()
    const over = (outcome: Outcome<unknown>, end?: End): void => {
      const record = recordOf(call as Call<never>, outcome, { now: now(), end })
      ended?.(record)
      if (events.heard) events.emit({ type: 'call.finished', ...record })
      onEnded(record)
    }
    try {
      const outcome = await step(call)
      if (outcome.kind === 'ok') whenOver(outcome.reply.end, (end) => over(outcome, end))
      else over(outcome)
      return outcome
    } catch (error) {
      // A toolkit that cannot read its own request: the call is over, and so its run may be.
      over({ kind: 'failed', failure: { class: 'invalid-request' }, error })
      throw error
    }
  }
}

/** Field by field: what is put together from parts takes twice as long, for each call there is. */
type Draft = { -readonly [K in keyof CallRecord]: CallRecord[K] }

/** The one record of a call that is over. `end` where there was an answer. */
function recordOf(
  { id, target, attributes, priority, shadowOf, state }: Call<never>,
  outcome: Outcome<unknown>,
  { end, now }: { end: End | undefined; now: number },
): CallRecord {
  const { lost, attempts, priceId, prepared, inputLengths } = state
  const reply = outcome.kind === 'ok' ? outcome.reply : undefined
  const usage = lost.reduce((sum, spent) => addUsage(sum, spent.usage), end?.usage ?? {})
  const record: Draft = {
    at: now,
    callId: id,
    target: reply?.target ?? state.askedLast ?? target,
    attributes: prepared?.attributes ?? attributes,
    priority: prepared?.priority ?? priority,
    outcome: end?.how ?? (outcome.kind === 'ok' ? 'finished' : outcome.kind),
    usage,
    estimated: end?.exact === false || lost.some(({ exact }) => exact !== true),
    attempts,
    retries: Math.max(0, attempts - 1),
    rateLimited: state.rateLimited,
    failures: state.failures,
    fallback: reply?.marks.fallback === true,
    latencyMs: latencyOf(state, now),
  }
  const reason = reasonOf(outcome)
  if (reason !== undefined) record.reason = reason
  if (end?.finish !== undefined) record.finish = end.finish
  const inputBy = sharedOut(usage.inputTokens, inputLengths)
  if (inputBy !== undefined) record.inputBy = inputBy
  addCosts(record, lost, end)
  if (priceId !== undefined) record.priceId = priceId
  const { cache, degraded = end?.degraded, diet } = reply?.marks ?? {}
  if (cache !== undefined) record.cache = cache
  if (degraded !== undefined) record.degraded = degraded
  if (diet !== undefined) record.diet = diet
  if (shadowOf !== undefined) record.shadowOf = shadowOf
  return record
}

/** Nothing where the price of a part is not known: what is left out would look like what is free. */
function addCosts(record: Draft, lost: Call<never>['state']['lost'], end: End | undefined): void {
  let wastedUsd = 0
  for (const { costUsd } of lost) {
    if (costUsd === undefined) return
    wastedUsd += costUsd
  }
  if (end !== undefined && end.costUsd === undefined) return
  const costUsd = wastedUsd + (end?.costUsd ?? 0)
  record.costUsd = costUsd
  record.wastedUsd = end === undefined || end.how !== 'finished' ? costUsd : wastedUsd
}

function latencyOf(state: Call<never>['state'], now: number): CallRecord['latencyMs'] {
  const { firstContentAt, startedAt, queuedMs, retryDelayMs, modelMs, validationMs } = state
  const total = now - startedAt
  const latency: { -readonly [K in keyof CallRecord['latencyMs']]: CallRecord['latencyMs'][K] } = {
    handling: Math.max(0, total - queuedMs - retryDelayMs - modelMs - validationMs),
    queue: queuedMs,
    retryDelay: retryDelayMs,
    model: modelMs,
    validation: validationMs,
    total,
  }
  if (firstContentAt !== undefined) latency.firstContent = firstContentAt - startedAt
  return latency
}

function reasonOf(outcome: Outcome<unknown>): CallRecord['reason'] {
  if (outcome.kind === 'rejected') return outcome.error.code
  return outcome.kind === 'failed' ? outcome.failure.class : undefined
}

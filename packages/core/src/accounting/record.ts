import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
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
      if (outcome.kind === 'ok') void outcome.reply.end.then((end) => over(outcome, end))
      else over(outcome)
      return outcome
    } catch (error) {
      // A toolkit that cannot read its own request: the call is over, and so its run may be.
      over({ kind: 'failed', failure: { class: 'invalid-request' }, error })
      throw error
    }
  }
}

/** The one record of a call that is over. `end` where there was an answer. */
function recordOf(
  { id, target, attributes, priority, shadowOf, state }: Call<never>,
  outcome: Outcome<unknown>,
  { end, now }: { end: End | undefined; now: number },
): CallRecord {
  const { lost, attempts, priceId } = state
  const reply = outcome.kind === 'ok' ? outcome.reply : undefined
  const usage = [...lost.map((spent) => spent.usage), end?.usage ?? {}].reduce(addUsage)
  const inputBy = sharedOut(usage.inputTokens, state.inputLengths)
  return {
    at: now,
    callId: id,
    target: reply?.target ?? state.askedLast ?? target,
    attributes,
    priority,
    ...state.prepared,
    outcome: end?.how ?? (outcome.kind === 'ok' ? 'finished' : outcome.kind),
    ...reasonOf(outcome),
    ...(end?.finish === undefined ? {} : { finish: end.finish }),
    usage,
    estimated: end?.exact === false || lost.some(({ exact }) => exact !== true),
    ...(inputBy === undefined ? {} : { inputBy }),
    ...costsOf(state.lost, end),
    ...(priceId === undefined ? {} : { priceId }),
    attempts,
    retries: Math.max(0, attempts - 1),
    rateLimited: state.rateLimited,
    failures: state.failures,
    ...(reply?.marks.cache === undefined ? {} : { cache: reply.marks.cache }),
    fallback: reply?.marks.fallback === true,
    ...degradedBy(reply?.marks.degraded ?? end?.degraded),
    ...(shadowOf === undefined ? {} : { shadowOf }),
    ...(reply?.marks.diet === undefined ? {} : { diet: reply.marks.diet }),
    latencyMs: latencyOf(state, now),
  }
}

function degradedBy(degraded: string | undefined): Pick<CallRecord, 'degraded'> {
  return degraded === undefined ? {} : { degraded }
}

/** Nothing where the price of a part is not known: what is left out would look like what is free. */
function costsOf(
  lost: Call<never>['state']['lost'],
  end: End | undefined,
): Pick<CallRecord, 'costUsd' | 'wastedUsd'> {
  let wastedUsd = 0
  for (const { costUsd } of lost) {
    if (costUsd === undefined) return {}
    wastedUsd += costUsd
  }
  if (end === undefined) return { costUsd: wastedUsd, wastedUsd }
  if (end.costUsd === undefined) return {}
  const costUsd = wastedUsd + end.costUsd
  return { costUsd, wastedUsd: end.how === 'finished' ? wastedUsd : costUsd }
}

function latencyOf(state: Call<never>['state'], now: number): CallRecord['latencyMs'] {
  const { firstContentAt, startedAt, queuedMs, retryDelayMs, modelMs, validationMs } = state
  const total = now - startedAt
  return {
    handling: Math.max(0, total - queuedMs - retryDelayMs - modelMs - validationMs),
    queue: queuedMs,
    retryDelay: retryDelayMs,
    ...(firstContentAt === undefined ? {} : { firstContent: firstContentAt - startedAt }),
    model: modelMs,
    validation: validationMs,
    total,
  }
}

function reasonOf(outcome: Outcome<unknown>): Pick<CallRecord, 'reason'> {
  if (outcome.kind === 'rejected') return { reason: outcome.error.code }
  if (outcome.kind === 'failed') return { reason: outcome.failure.class }
  return {}
}

import type { Call } from '../call/call.ts'
import type { CallRecord, Events } from '../call/events.ts'
import type { End, Outcome } from '../call/outcome.ts'
import type { Step } from '../call/policy.ts'
import { currentScope } from '../call/scope.ts'
import type { Usage } from '../call/usage.ts'

/** Tells each call once, when it is over, and the run it belongs to. */
export function recorded(step: Step, { events, now }: { events: Events; now: () => number }): Step {
  return async (call) => {
    const ended = currentScope().run?.began()
    const outcome = await step(call)
    const over = (end?: End): void => {
      ended?.(end?.usage ?? {})
      if (!events.heard) return
      const record = recordOf(call, outcome, { now: now(), ...(end === undefined ? {} : { end }) })
      events.emit({ type: 'call.finished', ...record })
    }
    if (outcome.kind === 'ok') void outcome.reply.end.then(over)
    else over()
    return outcome
  }
}

/** The one record of a call that is over. `end` where there was an answer. */
function recordOf<T>(
  call: Call<T>,
  outcome: Outcome<T>,
  { end, now }: { end?: End; now: number },
): CallRecord {
  const { state } = call
  const usage: Usage = end?.usage ?? {}
  const { firstContentAt, startedAt } = state
  return {
    at: now,
    callId: call.id,
    target: outcome.kind === 'ok' ? outcome.reply.target : call.target,
    attributes: call.attributes,
    priority: call.priority,
    outcome: end?.how ?? (outcome.kind === 'ok' ? 'finished' : outcome.kind),
    ...reasonOf(outcome),
    usage,
    estimated: end?.exact === false,
    attempts: state.attempts,
    rateLimited: state.rateLimited,
    latencyMs: {
      queue: state.queuedMs,
      ...(firstContentAt === undefined ? {} : { firstContent: firstContentAt - startedAt }),
      total: now - startedAt,
    },
  }
}

function reasonOf<T>(outcome: Outcome<T>): Pick<CallRecord, 'reason'> {
  if (outcome.kind === 'rejected') return { reason: outcome.error.code }
  if (outcome.kind === 'failed') return { reason: outcome.failure.class }
  return {}
}

import type { Call } from '../call/call.ts'
import type { CallRecord, Events } from '../call/events.ts'
import type { End, Outcome } from '../call/outcome.ts'
import type { Step } from '../call/policy.ts'
import { currentScope } from '../call/scope.ts'
import { addUsage } from '../call/usage.ts'

/** Tells each call once, when it is over, and the run it belongs to. */
export function recorded(step: Step, { events, now }: { events: Events; now: () => number }): Step {
  return async (call) => {
    const ended = currentScope().run?.began()
    const over = (outcome: Outcome<unknown>, end?: End): void => {
      const record = recordOf(call as Call<never>, outcome, { now: now(), end })
      ended?.(record.usage)
      if (events.heard) events.emit({ type: 'call.finished', ...record })
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
  { id, target, attributes, priority, state }: Call<never>,
  outcome: Outcome<unknown>,
  { end, now }: { end: End | undefined; now: number },
): CallRecord {
  const { firstContentAt, startedAt, lost } = state
  return {
    at: now,
    callId: id,
    target: outcome.kind === 'ok' ? outcome.reply.target : target,
    attributes,
    priority,
    ...state.prepared,
    outcome: end?.how ?? (outcome.kind === 'ok' ? 'finished' : outcome.kind),
    ...reasonOf(outcome),
    usage: [...lost, end?.usage ?? {}].reduce(addUsage),
    estimated: end?.exact === false || lost.length > 0,
    attempts: state.attempts,
    rateLimited: state.rateLimited,
    latencyMs: {
      queue: state.queuedMs,
      ...(firstContentAt === undefined ? {} : { firstContent: firstContentAt - startedAt }),
      total: now - startedAt,
    },
  }
}

function reasonOf(outcome: Outcome<unknown>): Pick<CallRecord, 'reason'> {
  if (outcome.kind === 'rejected') return { reason: outcome.error.code }
  if (outcome.kind === 'failed') return { reason: outcome.failure.class }
  return {}
}

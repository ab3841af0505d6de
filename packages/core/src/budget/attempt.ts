import type { Call } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Outcome } from '../call/outcome.ts'
import { OneAttempt } from './one-attempt.ts'
import type { AttemptOptions } from './one-attempt.ts'
import type { Target } from './target.ts'

/**
 * The last step of the order, and the one that holds a reservation: waits for room, sends, watches the answer to its end
 * and settles. A rate limit is dealt with here: whoever meets one goes back to the front of its tenant's line, and waits
 * there with everyone else.
 */
export function attempt(options: AttemptOptions): <T>(call: Call<T>) => Promise<Outcome<T>> {
  return async <T>(call: Call<T>): Promise<Outcome<T>> => {
    let target: Target
    try {
      target = options.targetOf(call.target)
    } catch (error) {
      if (!PlimsollError.isInstance(error)) throw error
      return { kind: 'rejected', side: 'caller', by: 'targets', error }
    }
    // What earlier attempts have waited is waited: but where there is room at once, it is let in.
    const maxWaitMs = Math.min(options.maxWaitMs(), call.maxWaitMs ?? Number.POSITIVE_INFINITY)
    const waitMs = Math.max(1, maxWaitMs - call.state.queuedMs)
    let now = options.admission.now()
    const latest = now + waitMs
    const deadline = () => Math.min(call.state.urgency?.deadline ?? call.deadline, latest)
    let seq: number | undefined
    let met: Extract<Outcome<T>, { kind: 'failed' }> | undefined
    for (;;) {
      const one = new OneAttempt(call, target, options)
      const outcome = await one.run(deadline, seq, now)
      if (outcome.kind === 'rejected' && met !== undefined && isTooLate(outcome.error)) {
        return afterRateLimit(call, outcome, met.error)
      }
      if (outcome.kind !== 'failed' || outcome.failure.class !== 'rate-limit') return outcome
      call.state.rateLimited++
      // Its host has told its caller already.
      if (call.observed === true) return outcome
      met = outcome
      seq = one.seq
      now = options.admission.now()
    }
  }
}

/** The wait for the provider's limit passes the deadline: that is what the caller is told, not that ours did. */
function afterRateLimit<T>(
  call: Call<T>,
  { by, error }: Extract<Outcome<T>, { kind: 'rejected' }>,
  cause: unknown,
): Outcome<T> {
  const { retryAfterMs, limit } = error
  const rateLimited = new PlimsollError({
    code: 'rate-limited',
    message: `${call.target} is at its provider's limit, and the wait for it is longer than this call can wait.`,
    retryAfterMs,
    limit,
    attempts: call.state.attempts,
    cause,
  })
  return { kind: 'rejected', side: 'target', by, error: rateLimited }
}

function isTooLate({ code }: PlimsollError): boolean {
  return code === 'wait-too-long' || code === 'deadline-exceeded'
}

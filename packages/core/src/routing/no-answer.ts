import { PlimsollError } from '../call/errors.ts'
import type { PassReason } from '../call/events.ts'
import type { Outcome } from '../call/outcome.ts'

export type Unanswered = Extract<Outcome<never>, { kind: 'failed' | 'rejected' }>

/** What became of one target. */
export interface Tried {
  readonly target: string
  readonly why: PassReason | Unanswered
}

/** One clear error for a call that went through all its task has. */
export function noTarget(
  task: string | undefined,
  tried: readonly Tried[],
  { attempts, cause }: { attempts: number; cause?: unknown },
): PlimsollError {
  const whose = task === undefined ? 'this call' : `task \`${task}\``
  const listed = tried.map(({ target, why }) => `${target}: ${said(why)}`).join('; ')
  const message =
    tried.length === 0
      ? `No target of ${whose} is one that can be called from here: the host does not offer any of them.`
      : `No target of ${whose} could answer (${listed}).`
  return new PlimsollError({ code: 'no-target', message, retryAfterMs: soonest(tried), attempts, cause })
}

/** The same as the outcome of the call, which came to its end with `last`. */
export function noAnswer(
  task: string | undefined,
  tried: readonly Tried[],
  { last, attempts }: { last: Unanswered | undefined; attempts: number },
): Unanswered {
  const error = noTarget(task, tried, { attempts, cause: last?.error })
  if (last?.kind === 'failed') return { kind: 'failed', failure: last.failure, error }
  return { kind: 'rejected', side: 'target', by: last?.by ?? 'choose', error }
}

/** The outcome where a target may not be called, or cannot be read. Throws anything else again. */
export function notToBeCalled(error: unknown): Unanswered {
  if (!PlimsollError.isInstance(error)) throw error
  return { kind: 'rejected', side: 'caller', by: 'choose', error }
}

function said(why: Tried['why']): string {
  if (typeof why === 'string') return why
  return why.kind === 'failed' ? why.failure.class : why.error.code
}

function soonest(tried: readonly Tried[]): number | undefined {
  const waits = tried.flatMap(({ why }) => {
    if (typeof why === 'string') return []
    const waitMs = why.kind === 'failed' ? why.failure.retryAfterMs : why.error.retryAfterMs
    return waitMs === undefined ? [] : [waitMs]
  })
  return waits.length === 0 ? undefined : Math.min(...waits)
}

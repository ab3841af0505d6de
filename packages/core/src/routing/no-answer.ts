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
export function noAnswer(
  task: string | undefined,
  tried: readonly Tried[],
  { last, attempts }: { last: Unanswered | undefined; attempts: number },
): Unanswered {
  const whose = task === undefined ? 'this call' : `task \`${task}\``
  const listed = tried.map(({ target, why }) => `${target}: ${said(why)}`).join('; ')
  const message =
    tried.length === 0
      ? `No target of ${whose} is one that can be called from here: the host does not offer any of them.`
      : `No target of ${whose} could answer (${listed}).`
  const retryAfterMs = soonest(tried)
  const cause = last?.error
  const error = new PlimsollError({ code: 'no-target', message, retryAfterMs, attempts, cause })
  if (last?.kind === 'failed') return { kind: 'failed', failure: last.failure, error }
  return { kind: 'rejected', side: 'target', by: last?.by ?? 'choose', error }
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

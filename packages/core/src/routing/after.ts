import type { Outcome } from '../call/outcome.ts'

/**
 * What may be tried after an attempt that brought no answer.
 *
 * - `any`: whatever comes next
 * - `roomier`: only where more fits in, or with less to say
 * - `shorter`: only with less to say
 * - `stronger`: the answer will not do
 * - `silent`: what calls nothing
 * - `nothing`: it is the caller's to mend, or the caller has left
 */
export type Following = 'any' | 'roomier' | 'shorter' | 'stronger' | 'silent' | 'nothing'

type Unanswered = Exclude<Outcome<unknown>, { kind: 'ok' }>

export function following(outcome: Unanswered): Following {
  if (outcome.kind === 'aborted') return 'nothing'
  if (outcome.kind === 'rejected') {
    const { code } = outcome.error
    // Mistakes in code are to be seen.
    if (code === 'invalid-call' || code === 'invalid-config') return 'nothing'
    if (code === 'invalid-answer') return 'stronger'
    return outcome.side === 'caller' ? 'silent' : 'any'
  }
  switch (outcome.failure.class) {
    case 'aborted':
    case 'invalid-request':
      return 'nothing'
    case 'content-filter':
      return 'silent'
    case 'context-overflow':
      return 'roomier'
    case 'too-large':
      return 'shorter'
    default:
      return 'any'
  }
}

/** Whether a shorter request to the same target may get through where the last one did not. */
export function mendsByLess(outcome: Unanswered): boolean {
  if (outcome.kind === 'rejected') return outcome.side === 'target' && outcome.error.code !== 'invalid-answer'
  if (outcome.kind === 'aborted') return false
  const { class: failure } = outcome.failure
  return ['timeout', 'rate-limit', 'too-large', 'context-overflow'].includes(failure)
}

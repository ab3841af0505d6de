import type { Call } from '../call/call.ts'
import type { Segment } from '../call/host.ts'

/** What was asked last, and the request without it: what two calls must have in common for their questions to be compared. */
export interface Question {
  readonly text: string
  readonly rest: unknown
}

/** `undefined` where nobody can tell the question from what else is in the request. */
export function questionOf({ host, request }: Call<unknown>): Question | undefined {
  if (host.kind === 'embed' || (host.kind === 'call' && typeof request !== 'string')) return undefined
  const segments = host.segments(request)
  const text = segments
    .filter(isAsked)
    .map((segment) => segment.text)
    .join('\n')
  if (text.trim() === '') return undefined
  const without = segments.map((segment) => (isAsked(segment) ? { ...segment, text: '' } : segment))
  return { text, rest: host.key(host.withSegments(request, without)) }
}

function isAsked({ role, kind, pinned }: Segment): boolean {
  return role === 'user' && kind === 'text' && pinned === true
}

import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import type { Segment } from '../call/host.ts'
import type { Step } from '../call/policy.ts'
import { asksForBreakpoints, breakpoints } from './breakpoints.ts'
import { Prefixes } from './prefixes.ts'

export interface PromptCacheOptions {
  readonly events: Events
  readonly now: () => number
  readonly isWanted: (call: Call<unknown>) => boolean
  /** Our id of a target's provider, and the model as that one names it. */
  readonly servedBy: (target: string) => { readonly provider: string; readonly model: string }
  readonly tokensOf: (segments: readonly Segment[], target: string) => number
}

/**
 * Marks the prefix that calls of a task have in common, for a provider that keeps only what is marked; and tells where it
 * stops being the same, which no provider does.
 */
export function promptCached(step: Step, options: PromptCacheOptions): Step {
  const { events, now, isWanted, servedBy, tokensOf } = options
  const prefixes = new Prefixes()

  function tellChange(call: Call<unknown>, segments: readonly Segment[]): void {
    if (!events.heard) return
    const { id: callId, target, attributes, state } = call
    const { task, tenant, promptVersion } = state.prepared?.attributes ?? attributes
    const position = prefixes.changed(JSON.stringify([task, tenant, promptVersion, target]), segments)
    if (position === undefined) return
    const { kind } = segments[position] ?? { kind: 'text' }
    events.emit({ type: 'prefix.changed', at: now(), callId, target, position, kind })
  }

  return (call) => {
    const { host, request, target } = call
    if (!isWanted(call)) return step(call)
    const segments = host.segments(request)
    tellChange(call, segments)
    const { provider, model } = servedBy(target)
    if (!asksForBreakpoints(provider, model)) return step(call)
    const indexes = breakpoints(segments, (some) => tokensOf(some, target))
    return step(indexes.length === 0 ? call : { ...call, request: host.withMark(request, indexes) })
  }
}

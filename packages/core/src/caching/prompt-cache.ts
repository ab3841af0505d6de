import type { Call } from '../call/call.ts'
import type { Segment } from '../call/host.ts'
import type { Step } from '../call/policy.ts'
import { asksForBreakpoints, breakpoints } from './breakpoints.ts'

export interface PromptCacheOptions {
  readonly isWanted: (call: Call<unknown>) => boolean
  /** Our id of a target's provider. */
  readonly providerOf: (target: string) => string
  readonly tokensOf: (segments: readonly Segment[], target: string) => number
}

/** Marks the prefix that calls of a task have in common, for a provider that keeps only what is marked. */
export function promptCached(step: Step, { isWanted, providerOf, tokensOf }: PromptCacheOptions): Step {
  return (call) => {
    if (!isWanted(call)) return step(call)
    const { host, target } = call
    if (!asksForBreakpoints(providerOf(target))) return step(call)
    const indexes = breakpoints(host.segments(call.request), (segments) => tokensOf(segments, target))
    return step(indexes.length === 0 ? call : { ...call, request: host.withMark(call.request, indexes) })
  }
}

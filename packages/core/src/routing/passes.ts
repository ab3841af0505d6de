import type { Call } from '../call/call.ts'
import { needsOf } from '../call/capability.ts'
import type { PassReason } from '../call/events.ts'
import type { Routes } from './routes.ts'

/** Why a target is not asked at all, as far as that is plain before its input is cut down. */
export function passedOver<T>(target: string, call: Call<T>, routes: Routes): PassReason | undefined {
  if (call.offered !== undefined && !call.offered.includes(target)) return 'not-offered'
  const lacks = routes.lacks(target)
  if (lacks.length > 0) {
    const needs = needsOf(call.host.segments(call.request))
    if (lacks.some((one) => needs.has(one))) return 'capability'
  }
  return routes.closedOff(target) === undefined ? undefined : 'breaker'
}

/** Whether the call is longer than its target's context. */
export function overflows<T>(call: Call<T>, routes: Routes): boolean {
  const context = routes.contextTokens(call.target)
  return context !== undefined && call.inputTokens() + (call.maxOutputTokens ?? 0) > context
}

import { checkAttributes, checkCount, mergeAttributes, priorityOf, untrusted } from './attributes.ts'
import type { Attributes } from './attributes.ts'
import type { Call } from './call.ts'
import { PlimsollError } from './errors.ts'
import type { Outcome } from './outcome.ts'
import type { Next, Policy } from './policy.ts'
import { currentScope } from './scope.ts'

/** Whether the configuration names this task, or this feature. */
export type IsConfigured = (name: 'task' | 'feature', value: string) => boolean

/** How long a call of this task may take in all; `Infinity` for no limit. */
export type CallMs = (task: string | undefined) => number

/** Completes a call with what holds around it: attributes, deadline, the call that it is made inside of. */
export function prepare(isConfigured: IsConfigured, callMs: CallMs = () => Infinity): Policy {
  return {
    name: 'prepare',
    run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      try {
        return next(completed(call, isConfigured, callMs))
      } catch (error) {
        if (!PlimsollError.isInstance(error)) throw error
        return Promise.resolve({ kind: 'rejected', side: 'caller', by: 'prepare', error })
      }
    },
  }
}

function completed<T>(call: Call<T>, isConfigured: IsConfigured, callMs: CallMs): Call<T> {
  const scope = currentScope()
  const around = mergeAttributes(checkAttributes(call.defaults), scope.attributes)
  const trusted = mergeAttributes(around, checkAttributes(call.attributes))
  const forwarded = untrusted(call.forwarded)
  // A client may say which of the configured tasks its call is; to make one up chooses nothing.
  const attributes = mergeAttributes(known(forwarded, isConfigured), trusted)
  const priority = priorityOf(attributes)
  call.state.prepared = { attributes: mergeAttributes(forwarded, attributes), priority }
  checkCount('maxOutputTokens', call.maxOutputTokens)
  // Counted here, so that an input that cannot be counted is refused before anything is held for it.
  checkCount('inputTokens', call.inputTokens())
  return {
    ...call,
    attributes,
    priority,
    deadline: Math.min(call.deadline, scope.deadline, call.state.startedAt + callMs(attributes.task)),
    parent: scope.reservation,
  }
}

function known({ task, feature }: Attributes, isConfigured: IsConfigured): Attributes {
  return {
    ...(task !== undefined && isConfigured('task', task) && { task }),
    ...(feature !== undefined && isConfigured('feature', feature) && { feature }),
  }
}

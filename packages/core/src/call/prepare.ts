import { checkAttributes, checkCount, mergeAttributes, priorityOf, untrusted } from './attributes.ts'
import type { Call } from './call.ts'
import { PlimsollError } from './errors.ts'
import type { Outcome } from './outcome.ts'
import type { Next, Policy } from './policy.ts'
import { currentScope } from './scope.ts'

/** Completes a call with what holds around it: attributes, deadline, the call that it is made inside of. */
export function prepare(): Policy {
  return {
    name: 'prepare',
    run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      try {
        return next(completed(call))
      } catch (error) {
        if (!PlimsollError.isInstance(error)) throw error
        return Promise.resolve({ kind: 'rejected', side: 'caller', by: 'prepare', error })
      }
    },
  }
}

function completed<T>(call: Call<T>): Call<T> {
  const scope = currentScope()
  const around = mergeAttributes(checkAttributes(call.defaults), scope.attributes)
  const attributes = mergeAttributes(around, checkAttributes(call.attributes))
  const priority = priorityOf(attributes)
  call.state.prepared = { attributes: mergeAttributes(untrusted(call.forwarded), attributes), priority }
  checkCount('maxOutputTokens', call.maxOutputTokens)
  // Counted here, so that an input that cannot be counted is refused before anything is held for it.
  checkCount('inputTokens', call.inputTokens())
  return {
    ...call,
    attributes,
    priority,
    deadline: Math.min(call.deadline, scope.deadline),
    parent: scope.reservation,
  }
}

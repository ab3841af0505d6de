import { checkAttributes, mergeAttributes, priorityOf } from './attributes.ts'
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
      const scope = currentScope()
      try {
        const around = mergeAttributes(checkAttributes(call.defaults), scope.attributes)
        const attributes = mergeAttributes(around, checkAttributes(call.attributes))
        const deadline = Math.min(call.deadline, scope.deadline)
        // Counted here, so that an input that cannot be counted is refused before anything is held for it.
        call.inputTokens()
        const priority = priorityOf(attributes)
        return next({ ...call, attributes, priority, deadline, parent: scope.reservation })
      } catch (error) {
        if (!PlimsollError.isInstance(error)) throw error
        return Promise.resolve({ kind: 'rejected', side: 'caller', by: 'prepare', error })
      }
    },
  }
}

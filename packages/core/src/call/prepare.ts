import { checkAttributes, checkCount, mergeAttributes, NONE, priorityOf, untrusted } from './attributes.ts'
import type { Attributes } from './attributes.ts'
import type { Call } from './call.ts'
import { PlimsollError } from './errors.ts'
import type { Outcome } from './outcome.ts'
import type { Next, Policy } from './policy.ts'
import { currentScope } from './scope.ts'

/** Whether the configuration names this task, or this feature. */
export type IsConfigured = (name: 'task' | 'feature', value: string) => boolean

/** What the configuration adds to a call. What throws a `PlimsollError` refuses the call. */
export interface Configured {
  /** What its caller said of it, with the task that it has by what it is. */
  classified<T>(call: Call<T>, said: Attributes): Attributes
  /** Its target, also where it names none, and how its input is counted there. */
  aimed<T>(call: Call<T>, attributes: Attributes): Pick<Call<T>, 'target' | 'inputTokens'>
  /** How long a call of this task may take in all; `Infinity` for no limit. */
  callMs(attributes: Attributes): number
}

const NOTHING_CONFIGURED: Configured = {
  classified: (_call, said) => said,
  aimed: (call) => call,
  callMs: () => Number.POSITIVE_INFINITY,
}

/** Completes a call with what holds around it: attributes, deadline, the call that it is made inside of. */
export function prepare(isConfigured: IsConfigured, configured: Configured = NOTHING_CONFIGURED): Policy {
  return {
    name: 'prepare',
    run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      try {
        return next(completed(call, isConfigured, configured))
      } catch (error) {
        if (!PlimsollError.isInstance(error)) throw error
        return Promise.resolve({ kind: 'rejected', side: 'caller', by: 'prepare', error })
      }
    },
  }
}

/**
 * The call with all that is known of it before anything is done.
 *
 * @throws {PlimsollError} `invalid-call`
 */
export function completed<T>(given: Call<T>, isConfigured: IsConfigured, configured: Configured): Call<T> {
  const scope = currentScope()
  const around = mergeAttributes(checkAttributes(given.defaults), scope.attributes)
  const said = mergeAttributes(around, checkAttributes(given.attributes))
  const trusted = configured.classified(given, said)
  const forwarded = untrusted(given.forwarded)
  // A client may say which of the configured tasks its call is; to make one up chooses nothing.
  const attributes = mergeAttributes(known(forwarded, isConfigured), trusted)
  const { target, inputTokens } = configured.aimed(given, attributes)
  const priority = priorityOf(attributes)
  given.state.prepared = { attributes: mergeAttributes(forwarded, attributes), priority }
  checkCount('maxOutputTokens', given.maxOutputTokens)
  // Counted here, so that an input that cannot be counted is refused before anything is held for it.
  checkCount('inputTokens', inputTokens())
  return {
    ...given,
    target,
    inputTokens,
    attributes,
    priority,
    deadline: Math.min(given.deadline, scope.deadline, given.state.startedAt + configured.callMs(attributes)),
    parent: scope.reservation,
    signal: eitherOf(given.signal, scope.signal),
  }
}

function eitherOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
}

function known({ task, feature }: Attributes, isConfigured: IsConfigured): Attributes {
  if (task === undefined && feature === undefined) return NONE
  return {
    ...(task !== undefined && isConfigured('task', task) && { task }),
    ...(feature !== undefined && isConfigured('feature', feature) && { feature }),
  }
}

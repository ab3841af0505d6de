import type { Admission } from './budget/admission.ts'
import type { Asking } from './budget/asking.ts'
import type { TargetConfig } from './budget/limits.ts'
import type { Targets } from './budget/targets.ts'
import type { Call } from './call/call.ts'
import type { PlimsollSettings } from './config/config.ts'
import type { Routes } from './routing/routes.ts'
import { costUsd } from './tokens/price.ts'

export interface RoutesOptions {
  readonly settings: () => PlimsollSettings
  readonly targets: Targets
  readonly admission: Admission
  readonly counter: Routes['counter']
  readonly closedOff: Routes['closedOff']
}

/** What routing may know of the targets that attempt sends to. */
export function targetRoutes({ settings, targets, admission, counter, closedOff }: RoutesOptions): Routes {
  function configOf(target: string): TargetConfig | undefined {
    const { targets: listed = {} } = settings()
    return Object.hasOwn(listed, target) ? listed[target] : undefined
  }
  return {
    contextTokens: (target) => configOf(target)?.contextTokens ?? targets.get(target).priced?.contextTokens,
    lacks: (target) => configOf(target)?.lacks ?? [],
    closedOff,
    async outlook(call) {
      const asking = askingOf(call, targets, admission)
      const { estimate, target } = asking
      const outputTokens = estimate.maxOutputTokens ?? estimate.outputTokens
      const cost = target.price && costUsd(target.price, { inputTokens: estimate.inputTokens, outputTokens })
      return { ...(await admission.outlook(asking)), costUsd: cost }
    },
    counter,
  }
}

/** How a call would ask for room at its target. */
export function askingOf<T>(call: Call<T>, targets: Targets, admission: Admission): Asking {
  const target = targets.get(call.target)
  const { id, attributes, priority, maxOutputTokens, maxWaitMs = Number.POSITIVE_INFINITY, counted } = call
  return {
    callId: id,
    target,
    attributes,
    priority,
    estimate: {
      ...target.inputOf(call.inputTokens(), counted),
      maxOutputTokens,
      outputTokens: call.host.kind === 'embed' ? 0 : target.outputOf(attributes.task).value(),
    },
    deadline: Math.min(call.deadline, admission.now() + maxWaitMs),
    parent: admission.parentId(call.parent),
    countRequest: !call.state.requestCounted,
    seq: undefined,
    stillAlive: undefined,
    onAbandoned: undefined,
  }
}

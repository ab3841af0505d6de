import { routedModel } from '@plimsoll/ai-sdk'
import type { Plimsoll } from '@plimsoll/core'
import { send } from '../send.ts'
import type { ModelOf, Side } from './side.ts'

/** Ours, where the task of a call decides who answers it, and not the call. */
export function routed(modelOf: ModelOf, plimsoll: Plimsoll, ids: readonly string[]): Side {
  const model = routedModel(plimsoll, Object.fromEntries(ids.map((id) => [`openai/${id}`, modelOf(id)])))
  return {
    run: ({ tenant, user }, chain) => plimsoll.workflow('support', { tenant, user }, chain),
    call: (call, signal) =>
      plimsoll.with({ task: call.step, ...(call.interactive && { mode: 'interactive' }) }, () =>
        send(model, call, { signal }),
      ),
  }
}

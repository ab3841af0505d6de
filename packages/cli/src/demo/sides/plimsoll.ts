import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import type { Plimsoll } from '@plimsoll/core'
import { wrapLanguageModel } from 'ai'
import { each } from '../client.ts'
import { send } from '../send.ts'
import type { ModelOf, Side } from './side.ts'

/** Ours: each call has its room reserved before it is sent. Retries of the toolkit are left as they are. */
export function governed(modelOf: ModelOf, plimsoll: Plimsoll): Side {
  const middleware = plimsollMiddleware(plimsoll)
  const governedModel = each((id) => wrapLanguageModel({ model: modelOf(id), middleware }))
  return {
    run: ({ tenant, user }, chain) => plimsoll.workflow('support', { tenant, user }, chain),
    call: (call, signal) =>
      plimsoll.with({ task: call.step, ...(call.interactive && { mode: 'interactive' }) }, () =>
        send(governedModel(call.model), call, { signal }),
      ),
  }
}

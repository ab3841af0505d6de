import { send } from '../send.ts'
import { justRun } from './side.ts'
import type { ModelOf, Side } from './side.ts'

/** The AI SDK as it comes: a failed call is tried twice more, with growing pauses or those the provider asks for. */
export function baseline(modelOf: ModelOf): Side {
  return {
    run: justRun,
    call: (call, signal) => send(modelOf(call.model), call, { signal }),
  }
}

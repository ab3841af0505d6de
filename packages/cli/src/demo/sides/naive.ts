import { setTimeout as sleep } from 'node:timers/promises'
import { APICallError } from 'ai'
import { send } from '../send.ts'
import { justRun } from './side.ts'
import type { ModelOf, Side } from './side.ts'

const TOO_MANY_REQUESTS = 429

/** The loop that everybody writes first: when it is turned away it waits a fixed while, and tries until it is through. */
export function naive(modelOf: ModelOf, everyMs: number): Side {
  return {
    run: justRun,
    async call(call, signal) {
      for (;;) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- it retries one call
          return await send(modelOf(call.model), call, { signal, maxRetries: 0 })
        } catch (error) {
          if (!APICallError.isInstance(error) || error.statusCode !== TOO_MANY_REQUESTS) throw error
        }
        // oxlint-disable-next-line no-await-in-loop
        await sleep(everyMs, undefined, { signal })
      }
    },
  }
}

import type { Call } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Outcome } from '../call/outcome.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { DeferQueue } from './defer-queue.ts'

/** A queue that takes longer to take a job has not taken it. */
const PUSH_MS = 5_000

/** A clear, honest text; an object of the schema, where one is asked for. `undefined` where that is missing. */
export function saying<T>(
  call: Call<T>,
  { message, object }: { readonly message: string; readonly object?: unknown },
): Outcome<T> | undefined {
  const { host, request, target } = call
  const asksForObject = host.segments(request).some(({ kind }) => kind === 'schema')
  // A text in the place of an object would break whoever reads it.
  if (asksForObject && object === undefined) return undefined
  const value =
    asksForObject || host.kind === 'embed' || host.kind === 'call'
      ? host.message(message, object)
      : host.message(message)
  return {
    kind: 'ok',
    reply: {
      value,
      target,
      marks: {},
      headers: {},
      end: Promise.resolve({ how: 'finished', usage: NOTHING, exact: true, costUsd: 0 }),
    },
  }
}

const NOTHING = { inputTokens: 0, outputTokens: 0 }

/** Keeps the call to be made later, and says so: by its message, or by an error of its own where there is none. */
export async function deferring<T>(
  call: Call<T>,
  rung: { readonly defer: DeferQueue; readonly message?: string; readonly object?: unknown },
  { clock, now }: { readonly clock: Clock; readonly now: () => number },
): Promise<Outcome<T> | undefined> {
  const { id, host, request, target, signal } = call
  // The run that it belonged to will be over by then.
  const { run: _run, step: _step, ...attributes } = call.attributes
  const job = { id, at: now(), task: attributes.task, target, attributes, request: host.key(request) }
  const timed = await within(() => rung.defer.push(job), { clock, ms: PUSH_MS, signal })
  if (timed.kind === 'aborted') return { kind: 'aborted', reason: timed.reason }
  if (timed.kind !== 'done') return undefined
  const { message, object } = rung
  const said = message === undefined ? undefined : saying(call, { message, object })
  if (said !== undefined) return said
  const text = `The call ${id} is kept, and will be made later: nobody can answer it now.`
  const error = new PlimsollError({ code: 'deferred', message: text, attempts: call.state.attempts })
  return { kind: 'rejected', side: 'target', by: 'defer', error }
}

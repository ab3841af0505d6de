import { setTimeout as sleep } from 'node:timers/promises'
import type { Sent } from './send.ts'
import type { Side } from './sides/side.ts'
import type { Tally } from './tally.ts'
import type { ModelCall, Run } from './workload.ts'

/** Lets everybody arrive and run their calls. Resolves when all have ended, in whichever way, or the signal is set. */
export async function drive(
  runs: readonly Run[],
  side: Side,
  tally: Tally,
  stop: AbortSignal,
): Promise<void> {
  const startedAt = performance.now()
  // Everybody has a signal of their own: Node looks through all listeners of a signal to add one, and hundreds of calls
  // on a single signal would spend more time there than on anything else.
  const controllers = runs.map(() => new AbortController())
  const onStop = (): void => {
    for (const controller of controllers) controller.abort(stop.reason)
  }
  if (stop.aborted) onStop()
  stop.addEventListener('abort', onStop, { once: true })
  await Promise.all(
    runs.map(async (run, index) => {
      const signal = controllers[index]?.signal ?? stop
      try {
        await sleep(Math.max(0, run.arrivesMs - (performance.now() - startedAt)), undefined, { signal })
        await oneRun(run, side, tally, signal)
      } catch (error) {
        // Those that were stopped did not fail: they never got to the end.
        if (!signal.aborted) tally.failed(error)
      }
    }),
  )
  stop.removeEventListener('abort', onStop)
}

async function oneRun(run: Run, side: Side, tally: Tally, signal: AbortSignal): Promise<void> {
  const arrivedAt = performance.now()
  tally.firstArrivalAt ??= arrivedAt
  await side.run(run, async () => {
    for (const call of run.calls) {
      signal.throwIfAborted()
      // Each call needs the answer before it: a workflow is a chain.
      // oxlint-disable-next-line no-await-in-loop
      await oneCall(call, side, tally, signal)
    }
  })
  tally.lastCompletionAt = performance.now()
  tally.runsCompleted++
  tally.runMs.push(tally.lastCompletionAt - arrivedAt)
}

async function oneCall(call: ModelCall, side: Side, tally: Tally, signal: AbortSignal): Promise<void> {
  const askedAt = performance.now()
  tally.openCalls++
  let sent: Sent
  try {
    sent = await side.call(call, signal)
  } finally {
    tally.openCalls--
  }
  tally.inputTokens += sent.inputTokens
  tally.outputTokens += sent.outputTokens
  if (sent.firstTokenAt !== undefined) tally.firstTokenMs.push(sent.firstTokenAt - askedAt)
}

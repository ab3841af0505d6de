import type { PlimsollConfig } from '@plimsoll/core'
import { drive } from './drive.ts'
import { Tally } from './tally.ts'
import type { Run } from './workload.ts'
import type { Side } from './sides/side.ts'

/** Served without limits. */
export const WARM_UP_MODEL = 'warm-up'

const SLOTS = { limits: [{ unit: 'slots', amount: 1_000 }] } as const

/** Limits of a run's own have no part in it. */
export const WARM_UP_CONFIG: PlimsollConfig = {
  targets: { [`openai/${WARM_UP_MODEL}`]: SLOTS, [`anthropic/${WARM_UP_MODEL}`]: SLOTS },
}

/** As many at once open as many connections. */
const USERS = 100

/**
 * A hundred users' calls beforehand, which count for nothing: a service that has run for a while has compiled its code
 * and opened its connections, and none of the sides should pay for that in its first second.
 */
export async function warmUp(runs: readonly Run[], side: Side, url: string): Promise<void> {
  const few = runs.slice(0, USERS).map((run) => ({
    ...run,
    arrivesMs: 0,
    calls: run.calls.map((call) => ({ ...call, model: WARM_UP_MODEL })),
  }))
  const tally = new Tally(few.length)
  await drive(few, side, tally, new AbortController().signal)
  if (tally.runsFailed > 0)
    throw new Error(`The fake provider does not answer: ${[...tally.failures.keys()].join('; ')}`)
  await fetch(`${url}/__reset`, { method: 'POST' })
}

import { createPlimsoll } from '@plimsoll/core'
import type { Stats } from '@plimsoll/fake-provider'
import { openaiClient } from '../client.ts'
import { prices } from '../cost.ts'
import { drive } from '../drive.ts'
import type { Live } from '../run-side.ts'
import { startServer } from '../server.ts'
import { routed } from '../sides/routed.ts'
import { Tally } from '../tally.ts'
import type { Run } from '../workload.ts'
import { OPEN_TARGETS, openProvider, ROUTED_MODELS, TABLES } from './tables.ts'

export const WAYS = ['frontier', 'routed'] as const
export type Way = (typeof WAYS)[number]

/** What came of the calls by one table. */
export interface WayResult {
  readonly tally: Tally
  readonly stats: Stats
  /** Answers that did not pass, by our own events: each is asked of the frontier model again. */
  readonly escalations: number
}

export interface CompareOptions {
  readonly runs: readonly Run[]
  readonly seed: number
  readonly minuteMs: number
  readonly signal: AbortSignal
  readonly onLive?: (live: Live) => void
  /** The server is still there to be asked. */
  readonly onEnd?: () => Promise<void>
}

/** Does the work by one of the tables, against a fresh server. */
export async function runWay(
  way: Way,
  { runs, seed, minuteMs, signal, onLive, onEnd }: CompareOptions,
): Promise<WayResult> {
  signal.throwIfAborted()
  const server = await startServer(openProvider(seed, minuteMs))
  let escalations = 0
  const plimsoll = createPlimsoll({
    targets: OPEN_TARGETS,
    tasks: TABLES[way],
    prices,
    onEvent: ({ type }) => {
      if (type === 'validation.failed') escalations++
    },
  })
  try {
    const tally = new Tally(runs.length)
    onLive?.({ tally, stats: server.stats })
    const modelOf = openaiClient({ baseURL: `${server.url}/v1`, apiKey: 'none', tally })
    await drive(runs, routed(modelOf, plimsoll, ROUTED_MODELS), tally, signal)
    signal.throwIfAborted()
    return { tally, stats: await server.stats(), escalations }
  } finally {
    plimsoll.close()
    await onEnd?.()
    await server.stop()
  }
}

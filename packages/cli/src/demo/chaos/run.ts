import { setTimeout as sleep } from 'node:timers/promises'
import { createPlimsoll } from '@plimsoll/core'
import type { Plimsoll } from '@plimsoll/core'
import type { Stats } from '@plimsoll/fake-provider'
import { openaiClient } from '../client.ts'
import { drive } from '../drive.ts'
import { startServer } from '../server.ts'
import { routed } from '../sides/routed.ts'
import { Tally } from '../tally.ts'
import { Watch } from './endings.ts'
import type { Endings } from './endings.ts'
import { play } from './schedule.ts'
import { CHAOS_MODELS } from './setup.ts'
import type { ChaosSetup } from './setup.ts'

/** What a call has held is given back once its stream has been closed. */
const SETTLED_MS = 2_000
const LOOK_EVERY_MS = 20

/** What can be seen while it goes on. */
export interface ChaosLive {
  readonly tally: Tally
  readonly watch: Watch
  /** What is wrong just now. */
  phase: string
}

export interface ChaosResult {
  readonly endings: Endings
  /** From a user's arrival to the end, whichever it was. */
  readonly slowestMs: number
  readonly stats: Stats
  /** Runs that Plimsoll has told the end of. */
  readonly runsRecorded: number
  /** Of it, when all was over: waiting calls and held reservations. */
  readonly leftBehind: number
}

export interface ChaosOptions {
  readonly signal: AbortSignal
  readonly onLive: (live: ChaosLive) => void
  readonly onEnd: () => Promise<void>
}

export async function runChaos(
  setup: ChaosSetup,
  { signal, onLive, onEnd }: ChaosOptions,
): Promise<ChaosResult> {
  const { runs, provider, plimsoll: config } = setup
  signal.throwIfAborted()
  const server = await startServer(provider)
  let runsRecorded = 0
  const plimsoll = createPlimsoll({
    ...config,
    onEvent: ({ type }) => {
      if (type === 'run.finished') runsRecorded++
    },
  })
  const over = new AbortController()
  try {
    const live: ChaosLive = { tally: new Tally(runs.length), watch: new Watch(runs.length), phase: '' }
    const { tally, watch } = live
    onLive(live)
    const modelOf = openaiClient({ baseURL: `${server.url}/v1`, apiKey: 'none', tally })
    const side = watch.side(routed(modelOf, plimsoll, CHAOS_MODELS))
    const stop = AbortSignal.any([signal, over.signal])
    const playing = play(setup.phases, {
      url: server.url,
      minuteMs: setup.minuteMs,
      signal: stop,
      onPhase: (name) => (live.phase = name),
    })
    const driven = drive(runs, side, tally, stop)
    const mostMs = setup.arrivalMs + setup.deadlineMs + setup.graceMs
    // What hangs is not waited for: it may not listen to a signal either.
    const timeUp = sleep(mostMs, undefined, { signal: stop }).catch(() => {})
    await Promise.race([Promise.all([driven, playing]), timeUp])
    signal.throwIfAborted()
    const endings = watch.endings()
    const stats = await server.stats()
    return {
      endings,
      slowestMs: watch.slowestMs,
      stats,
      runsRecorded,
      leftBehind: await leftBehind(plimsoll),
    }
  } finally {
    over.abort()
    plimsoll.close()
    await onEnd()
    await server.stop()
  }
}

async function leftBehind(plimsoll: Plimsoll): Promise<number> {
  let left = 0
  for (let waited = 0; waited < SETTLED_MS; waited += LOOK_EVERY_MS) {
    const { waiting, reservations } = plimsoll.state()
    left = waiting + reservations
    if (left === 0) break
    await sleep(LOOK_EVERY_MS)
  }
  return left
}

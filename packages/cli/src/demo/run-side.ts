import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createPlimsoll } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProviderOptions, Stats } from '@plimsoll/fake-provider'
import type { ClientOf } from './client.ts'
import { drive } from './drive.ts'
import { startServer } from './server.ts'
import { baseline } from './sides/baseline.ts'
import { naive } from './sides/naive.ts'
import { governed } from './sides/plimsoll.ts'
import type { ModelOf, Side, SideName } from './sides/side.ts'
import { Tally } from './tally.ts'
import { WARM_UP_CONFIG, warmUp } from './warm-up.ts'
import type { Run } from './workload.ts'

/** Everything that one way of running the workload needs. */
export interface Setup {
  readonly runs: readonly Run[]
  readonly client: ClientOf
  /** A fake provider to start afresh for each side, or one that is there. */
  readonly provider: FakeProviderOptions | { readonly baseURL: string; readonly apiKey: string }
  readonly plimsoll: PlimsollConfig
  readonly retryEveryMs: number
  /** Whoever is not done by then is stopped. */
  readonly stopAfterMs: Readonly<Record<SideName, number>>
}

/** What can be seen of a side while it runs. */
export interface Live {
  readonly tally: Tally
  /** The server's own count; none where it is not ours to ask. */
  readonly stats: (() => Promise<Stats>) | undefined
}

export interface SideResult {
  readonly name: SideName
  readonly tally: Tally
  readonly stats: Stats | undefined
  readonly stopped: boolean
  /** How late the client's own event loop was: of any delay that big, the algorithm is not the cause. */
  readonly loop: { readonly p99Ms: number; readonly maxMs: number }
}

export interface RunSideOptions {
  readonly signal: AbortSignal
  readonly onLive?: (live: Live) => void
  /** The server is still there to be asked. */
  readonly onEnd?: () => Promise<void>
}

const LOOP_RESOLUTION_MS = 5
const NS_PER_MS = 1e6

export async function runSide(
  name: SideName,
  setup: Setup,
  { signal, onLive, onEnd }: RunSideOptions,
): Promise<SideResult> {
  signal.throwIfAborted()
  const server = 'baseURL' in setup.provider ? undefined : await startServer(setup.provider)
  try {
    const address =
      'baseURL' in setup.provider ? setup.provider : { baseURL: `${server?.url}/v1`, apiKey: 'none' }
    const client = (tally: Tally): ModelOf => setup.client({ ...address, tally })
    if (server !== undefined) {
      await withSide(name, { ...setup, plimsoll: WARM_UP_CONFIG }, client(new Tally(0)), (side) =>
        warmUp(setup.runs, side, server.url),
      )
    }
    const tally = new Tally(setup.runs.length)
    onLive?.({ tally, stats: server?.stats })
    const stop = AbortSignal.any([signal, AbortSignal.timeout(setup.stopAfterMs[name])])
    const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
    loop.enable()
    await withSide(name, setup, client(tally), (side) => drive(setup.runs, side, tally, stop))
    loop.disable()
    signal.throwIfAborted()
    return {
      name,
      tally,
      stats: await server?.stats(),
      stopped: stop.aborted,
      loop: { p99Ms: loop.percentile(99) / NS_PER_MS, maxMs: loop.max / NS_PER_MS },
    }
  } finally {
    await onEnd?.()
    await server?.stop()
  }
}

async function withSide(
  name: SideName,
  setup: Setup,
  modelOf: ModelOf,
  use: (side: Side) => Promise<void>,
): Promise<void> {
  if (name === 'baseline') return use(baseline(modelOf))
  if (name === 'naive') return use(naive(modelOf, setup.retryEveryMs))
  const plimsoll = createPlimsoll(setup.plimsoll)
  try {
    await use(governed(modelOf, plimsoll))
  } finally {
    plimsoll.close()
  }
}

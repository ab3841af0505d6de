import type { LanguageModel } from 'ai'
import type { Sent } from '../send.ts'
import type { ModelCall, Run } from '../workload.ts'

export const SIDES = ['baseline', 'naive', 'plimsoll'] as const
export type SideName = (typeof SIDES)[number]

/** One way of calling models. */
export interface Side {
  call(call: ModelCall, signal: AbortSignal): Promise<Sent>
  /** Wraps a user's chain of calls. */
  run(run: Run, chain: () => Promise<void>): Promise<void>
}

/** The toolkit's model of this id, as an application makes it. */
export type ModelOf = (id: string) => Extract<LanguageModel, { specificationVersion: 'v4' }>

export const justRun: Side['run'] = (_run, chain) => chain()

import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProviderOptions } from '@plimsoll/fake-provider'
import { prices } from '../cost.ts'
import { serverOptions, serviceAt, targets } from '../limits.ts'
import type { ProviderPlan } from '../limits.ts'
import type { DemoOptions } from '../options.ts'
import { limitsFor, MODELS } from '../setup.ts'
import { createWorkload } from '../workload.ts'
import type { Run } from '../workload.ts'
import { badDay } from './schedule.ts'
import type { Phase } from './schedule.ts'

const SPARE = 'gpt-4.1-nano'
export const CHAOS_MODELS = [MODELS.large, MODELS.small, SPARE] as const

/** Of a run, from its user's arrival. */
const DEADLINE_MINUTES = 3
/** Enough for a machine that is busy. */
const GRACE_MS = 10_000
/** As five seconds are of a real minute, thirty, fifteen. */
const OPEN_PART = 1 / 12
const ATTEMPT_PART = 1 / 2
const SILENCE_PART = 1 / 4

export interface ChaosSetup {
  readonly runs: readonly Run[]
  readonly provider: FakeProviderOptions
  readonly plimsoll: PlimsollConfig
  readonly phases: readonly Phase[]
  /** All have arrived by then. */
  readonly arrivalMs: number
  /** No run may take longer. */
  readonly deadlineMs: number
  /** Whoever has not ended so long after the last deadline hangs. */
  readonly graceMs: number
  readonly minuteMs: number
  readonly intro: string
}

/** The demo's workload, over as long as it makes work for, with limits, deadlines, and something to fall back on. */
export function chaosSetup({ seed, users, tenants, minuteMs, load }: DemoOptions): ChaosSetup {
  const phases = badDay(MODELS, minuteMs)
  const minutes = phases.reduce((sum, phase) => sum + phase.minutes, 0)
  const arrivalMs = minutes * minuteMs
  const deadlineMs = DEADLINE_MINUTES * minuteMs
  const runs = createWorkload({ seed, users, tenants, arrivalMs, models: MODELS, steer: true })
  const limits = limitsFor(runs, load)
  const models = { ...limits, [SPARE]: limits[MODELS.small]! }
  const plan: ProviderPlan = { seed, minuteMs, service: serviceAt(minuteMs), models }
  return {
    runs,
    provider: serverOptions(plan),
    plimsoll: {
      targets: targets('openai', plan),
      prices,
      queue: { maxWaitMs: deadlineMs },
      breaker: { openMs: minuteMs * OPEN_PART },
      timeouts: { attemptMs: minuteMs * ATTEMPT_PART, betweenChunksMs: minuteMs * SILENCE_PART },
      workflows: { support: { deadlineMs } },
      tasks: tasks(minuteMs),
    },
    phases,
    arrivalMs,
    deadlineMs,
    graceMs: GRACE_MS,
    minuteMs,
    intro: [
      `${users} users of ${tenants} tenants arrive over ${minutes} minutes of a bad day; each makes four calls in turn (seed ${seed}).`,
      `Every run has ${DEADLINE_MINUTES} minutes. 1 minute = ${minuteMs / 1_000} s; all this is about ${load} minutes of work.`,
    ].join('\n'),
  }
}

/** Something else for each: an equal, a lesser model, what there is of an answer, a message. */
function tasks(minuteMs: number): NonNullable<PlimsollConfig['tasks']> {
  const [large, small, spare] = CHAOS_MODELS.map((id) => `openai/${id}`) as [string, string, string]
  return {
    classify: { targets: [small, spare] },
    extract: { targets: [small], degrade: [{ target: spare }] },
    summarise: { targets: [large], degrade: [{ target: small }] },
    answer: {
      targets: [large],
      maxWaitMs: minuteMs,
      degrade: ['partial', { target: small }, { message: 'We are busy, and will write to you.' }],
    },
  }
}

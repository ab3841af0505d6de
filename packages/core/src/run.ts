import { checkAttributes, mergeAttributes } from './call/attributes.ts'
import type { Attributes } from './call/attributes.ts'
import { PlimsollError } from './call/errors.ts'
import type { Events } from './call/events.ts'
import { currentScope, inScope } from './call/scope.ts'
import { RunTally } from './accounting/run-tally.ts'
import { stepsOf } from './steps.ts'
import type { Step, StepCache } from './steps.ts'
import type { WorkflowConfig } from './config/task-config.ts'
import type { Clock } from './time/clock.ts'

/** What a workflow's function is handed. */
export interface Workflow {
  readonly name: string
  /** This run's id. */
  readonly run: string
  /** Clock time after which no call of the run is admitted; `Infinity` for none. */
  readonly deadline: number
  /** Part of the run, with a name and a budget of its own. */
  readonly step: Step
}

export interface WorkflowAttributes extends Attributes {
  /** From now; every call inside must have been admitted by then. @defaultValue what `workflows` says, else none */
  readonly deadlineMs?: number
}

export interface RunOptions {
  readonly name: string
  readonly attributes: WorkflowAttributes
  readonly now: () => number
  readonly newId: () => string
  readonly events: Events
  readonly clock: Clock
  readonly config: WorkflowConfig
  readonly stepCache: StepCache
  readonly onBegin: () => void
  readonly onEnd: (run: string) => void
}

/** Runs `fn` as one run: all calls inside belong to it, and it ends when they and `fn` have. */
export async function runWorkflow<R>(
  options: RunOptions,
  fn: (workflow: Workflow) => Promise<R>,
): Promise<R> {
  const { name, now, events, clock, config, stepCache: cache } = options
  const { deadlineMs = config.deadlineMs, ...own } = options.attributes
  const began = now()
  const deadlineIn = deadlineAfter(began, deadlineMs)
  const scope = currentScope()
  const run = own.run ?? options.newId()
  const attributes = mergeAttributes(scope.attributes, checkAttributes({ ...own, workflow: name, run }))
  const deadline = Math.min(scope.deadline, deadlineIn)
  let outcome: 'finished' | 'failed' = 'failed'
  const tally = new RunTally(() => {
    options.onEnd(run)
    const at = now()
    const record = tally.record({ at, run, workflow: name, attributes, outcome, totalMs: at - began })
    events.emit({ type: 'run.finished', ...record })
  })
  const { steps = {} } = config
  const step = stepsOf({ workflow: name, run, steps, tally, cache, events, clock, now })
  options.onBegin()
  try {
    const result = await inScope({ attributes, deadline, run: tally }, () =>
      fn({ name, run, deadline, step }),
    )
    outcome = 'finished'
    return result
  } finally {
    tally.functionEnded()
  }
}

/**
 * Clock time of a deadline that is so far off.
 *
 * @throws {PlimsollError} `invalid-call` for what is no time ahead
 */
export function deadlineAfter(now: number, deadlineMs: number | undefined): number {
  if (deadlineMs === undefined) return Number.POSITIVE_INFINITY
  if (deadlineMs > 0) return now + deadlineMs
  const message = `\`deadlineMs\` is ${deadlineMs}; use a number of milliseconds above 0.`
  throw new PlimsollError({ code: 'invalid-call', message })
}

import { checkAttributes, mergeAttributes } from './call/attributes.ts'
import type { Attributes } from './call/attributes.ts'
import { PlimsollError } from './call/errors.ts'
import type { Events } from './call/events.ts'
import { currentScope, inScope } from './call/scope.ts'
import type { RunScope } from './call/scope.ts'

/** What a workflow's function is handed. */
export interface Workflow {
  readonly name: string
  /** This run's id. */
  readonly run: string
  /** Clock time after which no call of the run is admitted; `Infinity` for none. */
  readonly deadline: number
}

export interface WorkflowAttributes extends Attributes {
  /** From now; every call inside must have been admitted by then. @defaultValue none */
  readonly deadlineMs?: number
}

export interface RunOptions {
  readonly name: string
  readonly attributes: WorkflowAttributes
  readonly now: () => number
  readonly newId: () => string
  readonly events: Events
  readonly onEnd: (run: string) => void
}

/** Runs `fn` as one run: all calls inside belong to it, and it ends when they and `fn` have. */
export async function runWorkflow<R>(
  options: RunOptions,
  fn: (workflow: Workflow) => Promise<R>,
): Promise<R> {
  const { name, now, events } = options
  const { deadlineMs, ...own } = options.attributes
  const deadlineIn = deadlineAfter(now(), deadlineMs)
  const scope = currentScope()
  const began = now()
  const run = own.run ?? options.newId()
  const attributes = mergeAttributes(scope.attributes, checkAttributes({ ...own, workflow: name, run }))
  const deadline = Math.min(scope.deadline, deadlineIn)
  let outcome: 'finished' | 'failed' = 'failed'
  const tally = new Tally(() => {
    options.onEnd(run)
    const { calls, inputTokens, outputTokens } = tally
    const usage = { inputTokens, outputTokens }
    const at = now()
    events.emit({
      type: 'run.finished',
      at,
      run,
      workflow: name,
      attributes,
      outcome,
      calls,
      usage,
      totalMs: at - began,
    })
  })
  try {
    const result = await inScope({ attributes, deadline, run: tally }, () => fn({ name, run, deadline }))
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

/** Counts what a run has open. It is over when its function is, and every reply opened inside. */
class Tally implements RunScope {
  calls = 0
  inputTokens = 0
  outputTokens = 0
  #open = 1
  #ended = false
  readonly #onEnd: () => void

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  began(): (usage: { inputTokens?: number; outputTokens?: number }) => void {
    this.calls++
    this.#open++
    return ({ inputTokens = 0, outputTokens = 0 }) => {
      this.inputTokens += inputTokens
      this.outputTokens += outputTokens
      this.functionEnded()
    }
  }

  functionEnded(): void {
    if (--this.#open > 0 || this.#ended) return
    this.#ended = true
    this.#onEnd()
  }
}

import { deserialize, serialize } from 'node:v8'
import { LRUCache } from 'lru-cache'
import { checkAttributes, mergeAttributes } from './call/attributes.ts'
import { PlimsollError } from './call/errors.ts'
import type { Events } from './call/events.ts'
import { currentScope, inScope } from './call/scope.ts'
import type { RunScope } from './call/scope.ts'
import type { StepConfig } from './config/task-config.ts'
import type { Clock } from './time/clock.ts'
import { within } from './time/within.ts'

/** What a step's function is handed. */
export interface StepContext {
  /** Aborts when the step's time is over. Hand it on. */
  readonly signal: AbortSignal
  /** Clock time when the step's time is over; `Infinity` for never. */
  readonly deadline: number
}

export interface StepOptions extends StepConfig {
  /** Whether it is needed at all: else it is left out, and its result is `undefined`. @defaultValue true */
  readonly when?: boolean | (() => boolean | PromiseLike<boolean>)
  /** Keeps its result in this process, for calls of the same tenant with the same key. */
  readonly cache?: { readonly key: string; readonly ttlMs: number }
}

/** Part of a run under a name of its own: its time is told in the run's record, its calls carry it as `step`. */
export interface Step {
  <R>(name: string, fn: (context: StepContext) => Promise<R>): Promise<R>
  <R>(
    name: string,
    options: StepOptions & { readonly optional?: false; readonly when?: never },
    fn: (context: StepContext) => Promise<R>,
  ): Promise<R>
  <R>(name: string, options: StepOptions, fn: (context: StepContext) => Promise<R>): Promise<R | undefined>
}

const MOST_KEPT = 1_000
const MOST_BYTES = 64 * 2 ** 20

/** Results of steps, kept as bytes: whoever changes one changes no other, and it is known what they take. */
export class StepCache {
  readonly #kept = new LRUCache<string, { readonly bytes: Uint8Array; readonly until: number }>({
    max: MOST_KEPT,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bytes }, key) => bytes.byteLength + key.length,
  })

  get(key: string, now: number): { readonly value: unknown } | undefined {
    const kept = this.#kept.get(key)
    return kept === undefined || kept.until <= now ? undefined : { value: deserialize(kept.bytes) }
  }

  set(key: string, value: unknown, until: number): void {
    try {
      this.#kept.set(key, { bytes: serialize(value), until })
    } catch {
      // What cannot be copied (a stream, a function) is not kept.
    }
  }
}

export interface StepsOptions {
  readonly workflow: string
  readonly run: string
  /** What the configuration says of this workflow's steps. */
  readonly steps: Readonly<Record<string, StepConfig>>
  readonly tally: RunScope
  readonly cache: StepCache
  readonly events: Events
  readonly clock: Clock
  readonly now: () => number
}

/** The `step` of one run. */
export function stepsOf(options: StepsOptions): Step {
  const { steps, tally, now } = options
  return async <R>(name: string, ...given: Given<R>): Promise<R> => {
    const [own, fn] = given.length === 1 ? [{}, given[0]] : given
    const configured = Object.hasOwn(steps, name) ? steps[name] : {}
    const step = new OneStep(name, { ...configured, ...own }, options)
    const since = now()
    try {
      // What is left out is `undefined`: the types of `Step` say so to whoever asks for it.
      return (await step.run(fn)) as R
    } finally {
      tally.stepped(name, now() - since)
    }
  }
}

type Given<R> =
  | [fn: (context: StepContext) => Promise<R>]
  | [options: StepOptions, fn: (context: StepContext) => Promise<R>]

class OneStep {
  readonly #name: string
  readonly #step: StepOptions
  readonly #options: StepsOptions

  /** @throws {PlimsollError} `invalid-call` for what is no time */
  constructor(name: string, step: StepOptions, options: StepsOptions) {
    this.#name = name
    this.#step = step
    this.#options = options
    for (const [field, ms] of [
      ['timeoutMs', step.timeoutMs] as const,
      ['cache.ttlMs', step.cache?.ttlMs] as const,
    ]) {
      if (ms === undefined || ms > 0) continue
      const message = `\`${field}\` of the step \`${name}\` is ${ms}; use a number of milliseconds above 0.`
      throw new PlimsollError({ code: 'invalid-call', message })
    }
  }

  async run<R>(fn: (context: StepContext) => Promise<R>): Promise<R | undefined> {
    try {
      return await this.#timed(async (context) =>
        (await this.#isNeeded()) ? this.#kept(fn, context) : undefined,
      )
    } catch (error) {
      if (this.#step.optional !== true) throw error
      this.#givenUp(error)
      return undefined
    }
  }

  async #isNeeded(): Promise<boolean> {
    const { when = true } = this.#step
    return typeof when === 'function' ? when() : when
  }

  async #kept<R>(fn: (context: StepContext) => Promise<R>, context: StepContext): Promise<R> {
    const { cache } = this.#step
    if (cache === undefined) return fn(context)
    const { cache: kept, now } = this.#options
    const key = this.#keyOf(cache.key)
    const known = kept.get(key, now())
    if (known !== undefined) return known.value as R
    const value = await fn(context)
    kept.set(key, value, now() + cache.ttlMs)
    return value
  }

  async #timed<R>(fn: (context: StepContext) => Promise<R>): Promise<R> {
    const { clock, now } = this.#options
    const { timeoutMs, task } = this.#step
    const scope = currentScope()
    const began = now()
    const deadline = Math.min(scope.deadline, began + (timeoutMs ?? Number.POSITIVE_INFINITY))
    const ms = deadline - began
    if (ms <= 0) throw this.#noTime()
    const named = checkAttributes({ step: this.#name, ...(task === undefined ? {} : { task }) })
    const attributes = mergeAttributes(scope.attributes, named)
    const controller = new AbortController()
    const signal =
      scope.signal === undefined ? controller.signal : AbortSignal.any([scope.signal, controller.signal])
    const timed = await within(
      () => inScope({ attributes, deadline, signal }, () => fn({ signal, deadline })),
      { clock, ms, signal: scope.signal },
    )
    switch (timed.kind) {
      case 'done':
        return timed.value
      case 'aborted':
        throw timed.reason
      case 'timeout': {
        const error = this.#tooLong(ms)
        controller.abort(error)
        throw error
      }
      case 'threw':
        // A call inside whose deadline passed has failed for the step's.
        throw now() >= deadline ? this.#tooLong(ms, timed.error) : timed.error
    }
  }

  #tooLong(ms: number, cause?: unknown): PlimsollError {
    const { timeoutMs } = this.#step
    const budget =
      timeoutMs === ms ? `its budget of ${ms} ms` : `the ${Math.round(ms)} ms that were left of the run`
    const message = `The step \`${this.#name}\` of \`${this.#options.workflow}\` took longer than ${budget}.`
    return new PlimsollError({ code: 'step-timeout', message, cause })
  }

  #noTime(): PlimsollError {
    const message = `The step \`${this.#name}\` of \`${this.#options.workflow}\` had no time left: the deadline of its run has passed.`
    return new StepWithoutTime({ code: 'step-timeout', message })
  }

  #givenUp(error: unknown): void {
    const { events, now, tally, workflow, run } = this.#options
    tally.gaveUp()
    const reason = error instanceof StepWithoutTime ? 'no-time' : isTimeout(error) ? 'timeout' : 'failed'
    events.emit({ type: 'step.degraded', at: now(), workflow, run, step: this.#name, reason })
  }

  /** Attributes hold no line ends: no two of these look alike. */
  #keyOf(key: string): string {
    const { tenant = '' } = currentScope().attributes
    return `${tenant}\n${this.#options.workflow}\n${this.#name}\n${key}`
  }
}

class StepWithoutTime extends PlimsollError {}

function isTimeout(error: unknown): boolean {
  return PlimsollError.isInstance(error) && error.code === 'step-timeout'
}

import { Admission } from './budget/admission.ts'
import { attempt } from './budget/attempt.ts'
import { Budgets } from './budget/budgets.ts'
import type { Decision, Headroom } from './budget/decision.ts'
import { Targets } from './budget/targets.ts'
import type { QueueOptions } from './budget/pool.ts'
import { functionHost, inputSegments } from './call-host.ts'
import type { CallContext } from './call-host.ts'
import { checkAttributes, checkCount, mergeAttributes, priorityOf } from './call/attributes.ts'
import type { Attributes } from './call/attributes.ts'
import { Events } from './call/events.ts'
import type { Listener } from './call/events.ts'
import type { Host, Segment } from './call/host.ts'
import type { Outcome } from './call/outcome.ts'
import { compose, passThrough } from './call/policy.ts'
import { prepare } from './call/prepare.ts'
import { currentScope, inScope } from './call/scope.ts'
import type { Ticket } from './call/ticket.ts'
import type { Usage } from './call/usage.ts'
import { checkConfig } from './config-schema.ts'
import type { PlimsollConfig } from './config.ts'
import { usageOf } from './providers/usage-shapes.ts'
import { recorded } from './accounting/record.ts'
import { deadlineAfter, runWorkflow } from './run.ts'
import type { Workflow, WorkflowAttributes } from './run.ts'
import { MemoryStore } from './store/memory-store.ts'
import type { Clock } from './time/clock.ts'
import { systemClock } from './time/system-clock.ts'
import { createEstimator } from './tokens/estimate.ts'

const QUEUE: QueueOptions = {
  maxWaiting: 10_000,
  maxWaitMs: 60_000,
  ageMs: 10_000,
  refuse: 'expected',
  weight: () => 1,
}
const LEASE_MS = 60_000

/** A call, as its caller describes it. Attributes stand beside the rest. */
export interface CallOptions extends Attributes {
  /** What is called, such as `openai/gpt-5-mini`. */
  readonly target: string
  /** The prompt, so that its tokens can be counted: a text, texts, or the provider's own messages. */
  readonly input?: unknown
  /** Tokens of the input, where the caller has counted them. @defaultValue counted from `input` */
  readonly inputTokens?: number
  /** How long the answer may be, as the provider is told. @defaultValue what answers to this task rarely exceed */
  readonly maxOutputTokens?: number
  readonly signal?: AbortSignal
  /** From now; a call that has not been admitted by then is refused. @defaultValue `queue.maxWaitMs` */
  readonly deadlineMs?: number
}

/** What an adapter has to say of one call. */
export interface HostCall<T, Q> {
  readonly host: Host<T, Q>
  readonly request: Q
  readonly target: string
  /** Of this call: they win over what `plimsoll.with` has set around it. */
  readonly attributes?: Attributes
  /** Bound when the adapter was set up: what `plimsoll.with` has set around the call wins over them. */
  readonly defaults?: Attributes
  /**
   * What the request itself carries, as applications forward it from their clients: it only fills what is empty of
   * `task, feature, step, promptVersion, documentIds, toolVersions`, as labels that select no budget.
   */
  readonly forwarded?: Attributes
  readonly maxOutputTokens?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Limits, budgets and queues shared by everything that is called through it. Made once for a process. */
export interface Plimsoll {
  /**
   * Governs any async function: waits for room, runs it, settles by what it used. Returns its value or throws: the
   * function's own error, the signal's reason, or a `PlimsollError` when it was refused.
   *
   * @param options.usage how to read the usage from the value. @defaultValue the common shapes of providers and toolkits
   */
  call<T>(
    call: CallOptions,
    fn: (context: CallContext) => Promise<T>,
    options?: { usage?: (value: T) => Usage | undefined },
  ): Promise<T>
  /** For adapters: one call through every policy. Never throws for what happened to the call. */
  execute<T, Q>(call: HostCall<T, Q>): Promise<Outcome<T>>
  /** For hosts that call before and after: a place in line, at once. Whoever is granted must close the reservation. */
  reserve(call: CallOptions): Ticket
  /** What would happen to this call now, and why. Nothing is taken. */
  decide(call: CallOptions): Promise<Decision>
  /** What is left of a target's limits. */
  headroom(target: string): Promise<Headroom>
  /** The policies in their order. */
  describe(): string
  /** Every call made inside `fn`, however deep, has these attributes. */
  with<R>(attributes: Attributes, fn: () => R): R
  /** As `with`, for one run of a workflow: its calls share an id and a deadline. */
  workflow<R>(
    name: string,
    attributes: WorkflowAttributes,
    fn: (workflow: Workflow) => Promise<R>,
  ): Promise<R>
  /** Returns how to stop listening. */
  on(listener: Listener): () => void
  /** What is open now: for health checks, and tests of what leaks. */
  state(): { readonly waiting: number; readonly reservations: number }
  /** Admits no more and turns away whoever waits. Calls in flight end by themselves. */
  close(): void
}

/**
 * ```ts
 * const plimsoll = createPlimsoll({ targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000 } } } })
 * ```
 * Without a configuration each target's limits are learnt from what its provider answers.
 *
 * @throws {PlimsollError} `invalid-config`, naming the field and the mend
 */
export function createPlimsoll(config: PlimsollConfig = {}): Plimsoll {
  checkConfig(config)
  const { clock = systemClock, store = new MemoryStore(), leaseMs = LEASE_MS, strict = false } = config
  const events = new Events()
  const wanted = { ...QUEUE, ...config.queue }
  const queue = { ...wanted, weight: safely(wanted.weight, events, clock) }
  const { maxWaitMs } = queue
  if (config.onEvent !== undefined) events.listen(config.onEvent)
  const budgets = new Budgets(config.budgets ?? [])
  const admission = new Admission({ clock, store, events, budgets, leaseMs, maxWaitMs })
  const targets = new Targets({
    targets: config.targets ?? {},
    pools: config.pools ?? {},
    strict,
    queue,
    admission,
    events,
  })
  const estimator = createEstimator()
  const policies = ['reuse', 'choose', 'retry', 'hedge'].map(passThrough)
  const last = attempt({ admission, events, maxWaitMs, targetOf: (id) => targets.get(id) })
  const order = recorded(compose([prepare(), ...policies], last), { events, now: admission.now })
  const prefix = crypto.randomUUID().slice(0, 8)
  let calls = 0
  const newId = () => `${prefix}-${(++calls).toString(36)}`

  function counter(
    target: string,
    segments: () => readonly Segment[],
    given: number | undefined,
  ): () => number {
    let counted = given
    return () => (counted ??= estimator.segments(segments(), targets.get(target).model))
  }

  function execute<T, Q>(
    asked: HostCall<T, Q>,
    deadline = Infinity,
    inputTokens?: number,
  ): Promise<Outcome<T>> {
    const { host, request, target, maxOutputTokens, signal } = asked
    const { attributes = {}, defaults = {}, forwarded = {} } = asked
    const state = {
      startedAt: admission.now(),
      attempts: 0,
      rateLimited: 0,
      requestCounted: false,
      queuedMs: 0,
      firstContentAt: undefined,
      lost: [],
      prepared: undefined,
    }
    return order({
      id: newId(),
      target,
      request,
      host: host as Host<T>,
      attributes,
      defaults,
      forwarded,
      priority: 'medium',
      signal,
      deadline,
      maxOutputTokens,
      inputTokens: counter(target, () => host.segments(request), inputTokens),
      counted: inputTokens !== undefined,
      parent: undefined,
      state,
    })
  }

  return {
    execute: async (asked) => execute(asked),
    async call(options, fn, { usage = usageOf } = {}) {
      const { target, input, inputTokens, maxOutputTokens, signal, deadlineMs, ...attributes } = options
      const host = functionHost(fn, usage)
      const deadline = deadlineAfter(admission.now(), deadlineMs)
      const outcome = await execute(
        { host, request: input, target, attributes, maxOutputTokens, signal },
        deadline,
        inputTokens,
      )
      if (outcome.kind === 'ok') return outcome.reply.value
      if (outcome.kind === 'aborted') throw outcome.reason
      throw outcome.error
    },
    reserve(options) {
      const ticket = admission.reserve(askingOf(options))
      const { signal } = options
      if (signal === undefined) return ticket
      const leave = (): void => ticket.cancel(signal.reason)
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      ticket.onChange(() => signal.removeEventListener('abort', leave))
      return ticket
    },
    decide: async (options) => admission.decide(askingOf(options)),
    headroom: async (target) => admission.headroom(targets.get(target)),
    describe: () => ['prepare', ...policies.map(({ name }) => name), 'attempt'].join(' → '),
    with: (attributes, fn) =>
      inScope({ attributes: mergeAttributes(currentScope().attributes, checkAttributes(attributes)) }, fn),
    workflow: (name, attributes, fn) =>
      runWorkflow(
        { name, attributes, events, newId, now: admission.now, onEnd: (run) => admission.runs.end(run) },
        fn,
      ),
    on: (listener) => events.listen(listener),
    state: () => ({ waiting: admission.waiting, reservations: admission.open }),
    close: () => admission.close(),
  }

  function askingOf(options: CallOptions) {
    const { target: id, input, inputTokens, maxOutputTokens, deadlineMs, signal: _, ...own } = options
    const scope = currentScope()
    const attributes = mergeAttributes(scope.attributes, checkAttributes(own))
    const target = targets.get(id)
    checkCount('inputTokens', inputTokens)
    checkCount('maxOutputTokens', maxOutputTokens)
    const counted = counter(id, () => inputSegments(input), inputTokens)
    return {
      callId: newId(),
      target,
      attributes,
      priority: priorityOf(attributes),
      estimate: {
        ...target.inputOf(counted(), inputTokens !== undefined),
        maxOutputTokens,
        outputTokens: target.outputOf(attributes.task).value(),
      },
      deadline: Math.min(scope.deadline, deadlineAfter(admission.now(), deadlineMs)),
      parent: admission.parentId(scope.reservation),
      countRequest: true,
      seq: undefined,
      stillAlive: undefined,
      onAbandoned: undefined,
    }
  }
}

/** A queue must not stop because the weight of one tenant could not be told: that tenant weighs 1, and it is said. */
function safely(weight: QueueOptions['weight'], events: Events, clock: Clock): QueueOptions['weight'] {
  return (tenant) => {
    try {
      return weight(tenant)
    } catch (error) {
      events.emit({ type: 'listener.failed', at: clock.now(), error })
      return 1
    }
  }
}

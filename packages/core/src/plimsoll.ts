import { inputLengths } from './accounting/input-parts.ts'
import { Ledger } from './accounting/ledger.ts'
import { recorded } from './accounting/record.ts'
import type { RecordedOptions } from './accounting/record.ts'
import type { CallOptions, HostCall, Plimsoll } from './api.ts'
import { Admission, closed } from './budget/admission.ts'
import type { Asking } from './budget/asking.ts'
import { attempt } from './budget/attempt.ts'
import { BudgetSource } from './budget/budget-source.ts'
import { held } from './budget/budgets.ts'
import { Targets } from './budget/targets.ts'
import { reusableTask, wantsPromptCache } from './cached-task.ts'
import { promptCached } from './caching/prompt-cache.ts'
import { Reuse } from './caching/reuse.ts'
import { functionHost, inputSegments } from './call-host.ts'
import { checkAttributes, checkCount, mergeAttributes, priorityOf } from './call/attributes.ts'
import type { Priority } from './call/attributes.ts'
import { newCallState } from './call/call.ts'
import type { Call, CallState } from './call/call.ts'
import { Events } from './call/events.ts'
import type { Host, Segment } from './call/host.ts'
import type { Outcome } from './call/outcome.ts'
import { compose, passThrough } from './call/policy.ts'
import type { Step } from './call/policy.ts'
import { prepare } from './call/prepare.ts'
import { currentScope, inScope } from './call/scope.ts'
import { checkBudgets, checkConfig, checkSettings } from './config-schema.ts'
import type { PlimsollConfig, PlimsollSettings } from './config.ts'
import { usageOf } from './providers/usage-shapes.ts'
import { Quiet } from './quiet.ts'
import { deadlineAfter, runWorkflow } from './run.ts'
import { Breakers } from './retry/breakers.ts'
import { hedge } from './retry/hedge.ts'
import { retry } from './retry/retry.ts'
import { Sleepers } from './retry/sleep.ts'
import { breakerOf, hedgeOf, queueOf, retryOf, targetsOf, timeoutsOf } from './settings.ts'
import { MemoryStore } from './store/memory-store.ts'
import { systemClock } from './time/system-clock.ts'
import { createEstimator } from './tokens/estimate.ts'

const LEASE_MS = 60_000
const BUDGETS_TTL_MS = 60_000

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
  const { clock = systemClock, leaseMs = LEASE_MS } = config
  const events = new Events()
  if (config.onEvent !== undefined) events.listen(config.onEvent)
  const onForgotten = (key: string) => events.emit({ type: 'budget.forgotten', at: clock.now(), key })
  const {
    store = new MemoryStore({
      onForgotten,
      ...(config.maxKeys === undefined ? {} : { maxKeys: config.maxKeys }),
    }),
  } = config
  let settings: PlimsollSettings = config
  let queue = queueOf(settings, events, clock)
  let budgets = budgetsOf(settings, false)
  /** Calls and runs that have begun and not ended: those in the queue and in flight, and whatever is between. */
  let begun = 0
  let draining = false
  const quiet = new Quiet(() => begun === 0 && admission.waiting === 0 && admission.open === 0)
  const breakers = new Breakers({
    events,
    now: () => admission.now(),
    random: () => clock.random(),
    options: () => breakerOf(settings),
    onOpened: () => admission.sendAway(),
  })
  const admission: Admission = new Admission({
    clock,
    store,
    events,
    budgets,
    leaseMs,
    gate: breakers,
    onUnknownPrice: () => settings.onUnknownPrice ?? 'refuse',
    maxWaitMs: () => queue.maxWaitMs,
    onEnded: () => quiet.check(),
  })
  const targets = new Targets(targetsOf(settings, queue), { admission, events })
  const estimator = createEstimator()
  const maxWaitMs = () => queue.maxWaitMs
  const sleepers = new Sleepers(clock)
  const retrying = retry({
    clock,
    sleepers,
    now: admission.now,
    events,
    configOf: (task) => retryOf(settings, task),
    maxWaitMs,
    openUntil: (id) => breakers.openUntil(targets.get(id)),
  })
  const hedging = hedge({
    clock,
    now: admission.now,
    events,
    configOf: (task) => ({
      hedge: hedgeOf(settings, task),
      maxAttempts: retryOf(settings, task).maxAttempts,
    }),
  })
  const reuse = new Reuse({
    config: config.cache ?? {},
    clock,
    now: admission.now,
    events,
    taskOf: (call) => reusableTask(settings, call),
    inBackground,
  })
  const policies = [reuse, passThrough('choose'), retrying, hedging]
  const last = attempt({
    admission,
    events,
    maxWaitMs,
    targetOf: (id) => targets.get(id),
    timeoutsOf: (task) => timeoutsOf(settings, task),
  })
  const callMs = (task: string | undefined) => timeoutsOf(settings, task).callMs ?? Infinity
  const recording: RecordedOptions = {
    events,
    now: admission.now,
    onEnded(record) {
      ledger.add(record, record.at)
      ended()
    },
  }
  const sending = promptCached(last, {
    events,
    now: admission.now,
    isWanted: (call) => wantsPromptCache(settings, call),
    providerOf: (id) => targets.get(id).provider,
    tokensOf: (segments, id) => estimator.segments(segments, targets.get(id).model),
  })
  const order = recorded(compose([prepare(isConfigured, callMs), ...policies], sending), recording)
  const ledger = new Ledger()
  const prefix = crypto.randomUUID().slice(0, 8)
  let calls = 0
  const newId = () => `${prefix}-${(++calls).toString(36)}`

  /** The admission is made of the budgets, whose clock it is. */
  function currentTime(): number {
    return admission.now()
  }

  function budgetsOf(
    { budgets: given = [], budgetsTtlMs = BUDGETS_TTL_MS }: PlimsollSettings,
    changed: boolean,
  ) {
    const source = {
      budgets: given,
      ttlMs: budgetsTtlMs,
      clock,
      now: currentTime,
      events,
      check: checkBudgets,
    }
    return new BudgetSource({ ...source, onChanged: (lines) => admission.resize(lines) }, changed)
  }

  /** A client may name a task or feature that the configuration knows. */
  function isConfigured(name: 'task' | 'feature', value: string): boolean {
    const isTask = name === 'task' && settings.tasks !== undefined && Object.hasOwn(settings.tasks, value)
    return isTask || budgets.named(name).includes(value)
  }

  /** A call like this one that nobody waits for: on nobody's time, nor in anybody's run. */
  function inBackground<T>(call: Call<T>, step: Step): void {
    if (draining) return
    begun++
    const priority: Priority = 'low'
    const prepared = call.state.prepared && { ...call.state.prepared, priority }
    const state = { ...newCallState(admission.now()), prepared } as const
    const own = { id: newId(), priority, signal: undefined, deadline: Infinity, parent: undefined } as const
    const scope = { run: undefined, reservation: undefined, deadline: Infinity }
    inScope(scope, () => void recorded(step, recording)({ ...call, ...own, state }).catch(() => {}))
  }

  function began(): void {
    begun++
  }

  function close(): void {
    admission.close()
    sleepers.close()
  }

  function ended(): void {
    begun--
    quiet.check()
  }

  /** Whether it is turned away because it does not belong to anything that has begun. */
  function turnsAway(): boolean {
    const { run, reservation } = currentScope()
    return draining && run === undefined && reservation === undefined
  }

  function counter(
    target: string,
    segments: () => readonly Segment[],
    { given, state }: { given: number | undefined; state?: CallState },
  ): () => number {
    let counted = given
    return () => {
      if (counted !== undefined) return counted
      const input = segments()
      if (state !== undefined) state.inputLengths = inputLengths(input)
      counted = estimator.segments(input, targets.get(target).model)
      return counted
    }
  }

  async function execute<T, Q>(
    asked: HostCall<T, Q>,
    deadline = Infinity,
    inputTokens?: number,
  ): Promise<Outcome<T>> {
    if (turnsAway()) return { kind: 'rejected', side: 'caller', by: 'drain', error: closed() }
    const { host, request, target, maxOutputTokens, signal } = asked
    const { attributes = {}, defaults = {}, forwarded = {} } = asked
    const state = newCallState(admission.now())
    began()
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
      inputTokens: counter(target, () => host.segments(request), { given: inputTokens, state }),
      counted: inputTokens !== undefined,
      parent: undefined,
      state,
    })
  }

  return {
    execute: (asked) => execute(asked),
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
      const asking = askingOf(options)
      const ticket = turnsAway() ? admission.turnAway(asking) : admission.reserve(asking)
      const { signal } = options
      if (signal === undefined) return ticket
      const leave = (): void => ticket.cancel(signal.reason)
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      ticket.onChange(() => signal.removeEventListener('abort', leave))
      return ticket
    },
    decide: async (options) => admission.decide(askingOf(options)),
    headroom: async (target, attributes = {}) =>
      admission.headroom(
        targets.get(target),
        mergeAttributes(currentScope().attributes, checkAttributes(attributes)),
      ),
    describe: () => ['prepare', ...policies.map(({ name }) => name), 'attempt'].join(' → '),
    with: (attributes, fn) =>
      inScope({ attributes: mergeAttributes(currentScope().attributes, checkAttributes(attributes)) }, fn),
    async workflow(name, attributes, fn) {
      if (turnsAway()) throw closed()
      const onEnd = (run: string): void => {
        admission.runEnded(run)
        ended()
      }
      return runWorkflow({ name, attributes, events, newId, now: admission.now, onBegin: began, onEnd }, fn)
    },
    on: (listener) => events.listen(listener),
    report: (query = {}) => ({ ...ledger.report(query, admission.now()), queues: admission.queues() }),
    state: () => ({ waiting: admission.waiting, reservations: admission.open }),
    update(changes) {
      checkSettings(changes)
      const wanted = { ...settings, ...changes }
      const wantedQueue = queueOf(wanted, events, clock)
      targets.update(targetsOf(wanted, wantedQueue))
      settings = wanted
      queue = wantedQueue
      if (changes.budgets !== undefined || changes.budgetsTtlMs !== undefined)
        budgets = budgetsOf(settings, true)
      admission.replan(budgets)
    },
    async forget(holder) {
      const { tenant, user } = checkAttributes(holder)
      budgets.forget({ ...(tenant === undefined ? {} : { tenant }), ...(user === undefined ? {} : { user }) })
      for (const [scope, value] of [['tenant', tenant] as const, ['user', user] as const]) {
        if (value === undefined) continue
        admission.forget(held(scope, value))
        ledger.forget(scope, value)
      }
      if (tenant !== undefined) await reuse.purge(tenant)
      await admission.sender.idle()
    },
    cache: {
      purge: ({ tenant } = {}) =>
        reuse.purge(checkAttributes({ ...(tenant !== undefined && { tenant }) }).tenant),
    },
    async flush() {
      await reuse.idle()
      await admission.sender.idle()
      await events.settled()
    },
    async drain({ timeoutMs, signal } = {}) {
      draining = true
      const { quiet: isQuiet, giveUp } = quiet.come()
      const cancel = timeoutMs === undefined ? undefined : clock.timer(timeoutMs, giveUp)
      if (signal?.aborted === true) giveUp()
      signal?.addEventListener('abort', giveUp, { once: true })
      await isQuiet
      cancel?.()
      signal?.removeEventListener('abort', giveUp)
      close()
      return { waiting: admission.waiting, reservations: admission.open }
    },
    close,
  }

  function askingOf(options: CallOptions): Asking {
    const { target: id, input, inputTokens, maxOutputTokens, deadlineMs, signal: _, ...own } = options
    const scope = currentScope()
    const attributes = mergeAttributes(scope.attributes, checkAttributes(own))
    const target = targets.get(id)
    checkCount('inputTokens', inputTokens)
    checkCount('maxOutputTokens', maxOutputTokens)
    const counted = counter(id, () => inputSegments(input), { given: inputTokens })
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

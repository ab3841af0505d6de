import { alertsOf } from './accounting/alerts.ts'
import { Ledger } from './accounting/ledger.ts'
import { recorded } from './accounting/record.ts'
import type { RecordedOptions } from './accounting/record.ts'
import type { CallOptions, Plimsoll } from './api.ts'
import { beyondBudget } from './beyond-budget.ts'
import { Admission, closed } from './budget/admission.ts'
import { attempt } from './budget/attempt.ts'
import { BudgetSource } from './budget/budget-source.ts'
import { held } from './budget/budgets.ts'
import type { Decision } from './budget/decision.ts'
import { Targets } from './budget/targets.ts'
import { reusableTask } from './cached-task.ts'
import { promptCached } from './caching/prompt-cache.ts'
import { Reuse } from './caching/reuse.ts'
import { FunctionHost } from './call-host.ts'
import { Calls } from './calls.ts'
import { checkAttributes, mergeAttributes } from './call/attributes.ts'
import type { Attributes, Priority } from './call/attributes.ts'
import { newCallState } from './call/call.ts'
import type { Call } from './call/call.ts'
import type { PlimsollError } from './call/errors.ts'
import { Events } from './call/events.ts'
import type { Outcome } from './call/outcome.ts'
import { compose } from './call/policy.ts'
import type { Step } from './call/policy.ts'
import { completed, prepare } from './call/prepare.ts'
import type { Configured } from './call/prepare.ts'
import { currentScope, inScope } from './call/scope.ts'
import { checkBudgets, checkConfig, checkSettings } from './config/check-config.ts'
import type { PlimsollConfig, PlimsollSettings } from './config/config.ts'
import { switched, switchedOff } from './degradation/switches.ts'
import { Lifecycle } from './lifecycle.ts'
import { errorFacts } from './providers/error-facts.ts'
import { usageOf } from './providers/usage-shapes.ts'
import { choose, inOrder } from './routing/choose.ts'
import { foresee } from './routing/foresee.ts'
import { NO_LADDER } from './routing/ladder.ts'
import { Latencies } from './routing/latencies.ts'
import { Shadows } from './routing/shadow.ts'
import { runWorkflow } from './run.ts'
import { Breakers } from './retry/breakers.ts'
import { hedge } from './retry/hedge.ts'
import { retry } from './retry/retry.ts'
import { Sleepers } from './retry/sleep.ts'
import { breakerOf, hedgeOf, queueOf, retryOf, targetsOf, timeoutsOf } from './config/settings.ts'
import { MemoryStore } from './store/memory-store.ts'
import { StepCache } from './steps.ts'
import { askingOf, targetRoutes } from './target-routes.ts'
import { Tasks } from './tasks.ts'
import type { TasksOptions } from './tasks.ts'
import { systemClock } from './time/system-clock.ts'
import { createEstimator } from './tokens/estimate.ts'
import { watch } from './watch.ts'

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
  const lifecycle = new Lifecycle(() => admission)
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
    onEnded: lifecycle.check,
  })
  const targets = new Targets(targetsOf(settings, queue), { admission, events })
  const estimator = createEstimator()
  const maxWaitMs = () => queue.maxWaitMs
  const latencies = new Latencies()
  const stepCache = new StepCache()
  const reuse = new Reuse({
    config: config.cache ?? {},
    clock,
    now: admission.now,
    events,
    limits: store,
    taskOf: (call) => reusableTask(tasks.configOf(call.attributes), call, settings.targets),
    inBackground,
    onHit: ({ attributes, target }) => admission.hit(targets.get(target), attributes),
  })
  const ofTasks: TasksOptions = {
    clock,
    now: admission.now,
    events,
    count: ({ text, tokens }, target) => tokens ?? estimator.estimate(text, targets.get(target).model),
    counter: (call) => calls.counterOf(call),
    stale: (call) => reuse.staleOf(call),
  }
  let tasks = new Tasks(settings, ofTasks)
  const configured: Configured = {
    classified: ({ host, request, target, named }, attributes) =>
      tasks.classified(attributes, () => ({
        attributes,
        kind: host.kind,
        target: named === true ? target : undefined,
        segments: () => host.segments(request),
      })),
    aimed(call, attributes) {
      if (call.named === true) return call
      const target = tasks.firstTarget({ attributes, offered: call.offered })
      return { target, inputTokens: calls.counterOf(call, target) }
    },
    callMs: (attributes) => timeoutsOf(settings, tasks.configOf(attributes)).callMs ?? Infinity,
  }
  const closedOff = (id: string) => breakers.refusal(targets.get(id), false)
  const routes = targetRoutes({
    settings: () => settings,
    targets,
    admission,
    counter: ofTasks.counter,
    closedOff,
  })
  const walking = { routes, latencies, events, clock, now: admission.now }
  const shadows = new Shadows({ ...walking, inBackground, send: (call) => sending(call) })
  const choosing = choose({
    ...walking,
    ladderOf: (call) => tasks.ladderOf(call),
    switchedOff: offSwitch,
    shadows,
  })
  const sleepers = new Sleepers(clock)
  const retrying = retry({
    clock,
    sleepers,
    now: admission.now,
    events,
    configOf: (attributes) => retryOf(settings, tasks.configOf(attributes)),
    maxWaitMs,
    openUntil: (id) => breakers.openUntil(targets.get(id)),
  })
  const hedging = hedge({
    clock,
    now: admission.now,
    events,
    configOf(attributes) {
      const task = tasks.configOf(attributes)
      return { hedge: hedgeOf(settings, task), maxAttempts: retryOf(settings, task).maxAttempts }
    },
  })
  const policies = [reuse, choosing, retrying, hedging]
  const last = attempt({
    admission,
    events,
    maxWaitMs,
    targetOf: (id) => targets.get(id),
    timeoutsOf: (attributes) => timeoutsOf(settings, tasks.configOf(attributes)),
  })
  const recording: RecordedOptions = {
    events,
    now: admission.now,
    onEnded(record) {
      ledger.add(record, record.at)
      lifecycle.ended()
    },
  }
  const sending = promptCached(last, {
    events,
    now: admission.now,
    isWanted: ({ attributes }) => tasks.configOf(attributes)?.promptCache === true,
    servedBy: (id) => targets.get(id),
    tokensOf: (segments, id) => estimator.segments(segments, targets.get(id).model),
  })
  const preparing = prepare(isConfigured, configured)
  const order = recorded(compose([preparing, ...policies], sending), recording)
  const budgetOnly = recorded(compose([preparing, switched(offSwitch)], last), recording)
  const ledger = new Ledger()
  const prefix = crypto.randomUUID().slice(0, 8)
  let ids = 0
  const newId = () => `${prefix}-${++ids}`
  const calls = new Calls({ now: admission.now, newId, targets, estimator })

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
    return new BudgetSource({ ...source, onChanged: (lines) => admission.feedback.resize(lines) }, changed)
  }

  /** A client may name a task or feature that the configuration knows. */
  function isConfigured(name: 'task' | 'feature', value: string): boolean {
    if (budgets.named(name).includes(value)) return true
    if (name === 'task') return tasks.has(value)
    const { features } = settings
    return typeof features === 'object' && Object.hasOwn(features, value)
  }

  function switchFailed(error: unknown): void {
    events.emit({ type: 'listener.failed', at: admission.now(), error })
  }

  function offSwitch(attributes: Attributes): PlimsollError | undefined {
    return switchedOff(attributes, settings.features ?? {}, switchFailed)
  }

  /** A call like this one that nobody waits for: on nobody's time, nor in anybody's run. */
  function inBackground<T>(call: Call<T>, step: Step): void {
    if (lifecycle.draining) return
    lifecycle.began()
    const priority: Priority = 'low'
    const prepared = call.state.prepared && { ...call.state.prepared, priority }
    const state = { ...newCallState(admission.now()), prepared } as const
    const own = { id: newId(), priority, signal: undefined, deadline: Infinity, parent: undefined } as const
    const scope = { run: undefined, reservation: undefined, deadline: Infinity, signal: undefined }
    inScope(scope, () => void recorded(step, recording)({ ...call, ...own, state }).catch(() => {}))
  }

  /** A call that was made elsewhere is over. */
  function recordWith<T>(call: Call<T>, step: Step): void {
    lifecycle.began()
    void recorded(step, recording)(call)
  }

  function close(): void {
    reuse.close()
    admission.close()
    sleepers.close()
  }

  function made<T>(call: Call<T>): Promise<Outcome<T>> {
    if (lifecycle.turnsAway)
      return Promise.resolve({ kind: 'rejected', side: 'caller', by: 'drain', error: closed() })
    lifecycle.began()
    return call.observed === true ? budgetOnly(call) : order(call)
  }

  /** A call as its caller describes it, to be asked about and not to be made. @throws {PlimsollError} `invalid-call` */
  function described(options: CallOptions, defaults?: Attributes): Call<unknown> {
    const host = new FunctionHost(async () => undefined, usageOf)
    return completed(calls.ofCaller(options, host, defaults), isConfigured, configured)
  }

  async function decide(call: Call<unknown>): Promise<Decision> {
    const refused = offSwitch(call.attributes)
    const ladder = tasks.ladderOf(call) ?? NO_LADDER
    const inTurn = await inOrder(call, ladder, { routes, latencies, clock, now: admission.now })
    const ask = (asked: Call<unknown>) => admission.decide(askingOf(asked, targets, admission))
    return foresee({ call, ladder, targets: inTurn, routes, ask, refused })
  }

  return {
    execute: async (asked) => made(calls.ofHost(asked)),
    async call(options, fn, { usage = usageOf } = {}) {
      const outcome = await made(calls.ofCaller(options, new FunctionHost(fn, usage)))
      if (outcome.kind === 'ok') return outcome.reply.value
      if (outcome.kind === 'aborted') throw outcome.reason
      throw outcome.error
    },
    watch(options, defaults) {
      const call = described(options, defaults)
      const { priced, profile } = targets.get(call.target)
      const classify = (error: unknown) => profile.classify(errorFacts(error), admission.now())
      return watch(call, { now: admission.now, priced, classify, record: recordWith })
    },
    observe(target) {
      const sentAt = admission.now()
      return (headers) => admission.feedback.observe(targets.get(target), headers, sentAt)
    },
    beyondBudget: () => beyondBudget(settings),
    reserve(options) {
      const call = described(options)
      const asking = askingOf(call, targets, admission)
      const refusal = lifecycle.turnsAway ? closed() : offSwitch(call.attributes)
      const ticket = refusal === undefined ? admission.reserve(asking) : admission.turnAway(asking, refusal)
      const { signal } = options
      if (signal === undefined) return ticket
      const leave = (): void => ticket.cancel(signal.reason)
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      ticket.onChange(() => signal.removeEventListener('abort', leave))
      return ticket
    },
    decide: async (options) => decide(described(options)),
    headroom: async (target, attributes = {}) =>
      admission.headroom(
        targets.get(target),
        mergeAttributes(currentScope().attributes, checkAttributes(attributes)),
      ),
    describe: () => ['prepare', ...policies.map(({ name }) => name), 'attempt'].join(' → '),
    with: (attributes, fn) =>
      inScope({ attributes: mergeAttributes(currentScope().attributes, checkAttributes(attributes)) }, fn),
    async workflow(name, attributes, fn) {
      if (lifecycle.turnsAway) throw closed()
      const onEnd = (run: string): void => {
        admission.runEnded(run)
        lifecycle.ended()
      }
      const { workflows = {} } = settings
      const options = {
        config: Object.hasOwn(workflows, name) ? workflows[name]! : {},
        stepCache,
        events,
        clock,
        newId,
        now: admission.now,
        onBegin: lifecycle.began,
        onEnd,
      }
      return runWorkflow({ name, attributes, ...options }, fn)
    },
    on: (listener) => events.listen(listener),
    alerts: (query = {}) =>
      alertsOf((asked) => ledger.report(asked, admission.now()).rows, query, admission.now()),
    report: (query = {}) => ({ ...ledger.report(query, admission.now()), queues: admission.queues() }),
    state: () => ({ waiting: admission.waiting, reservations: admission.open }),
    update(changes) {
      checkSettings(changes)
      const wanted = { ...settings, ...changes }
      const wantedQueue = queueOf(wanted, events, clock)
      const wantedTasks = new Tasks(wanted, ofTasks)
      targets.update(targetsOf(wanted, wantedQueue))
      settings = wanted
      tasks = wantedTasks
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
      lookup: (key, cache) => reuse.shelf.lookup(key, { tenant: currentScope().attributes.tenant, cache }),
      keep: (key, value, cache) =>
        reuse.shelf.keep(key, value, { tenant: currentScope().attributes.tenant, cache }),
    },
    async flush() {
      await reuse.idle()
      await admission.sender.idle()
      await events.settled()
    },
    async drain(options = {}) {
      await lifecycle.drain(options, clock)
      close()
      return { waiting: admission.waiting, reservations: admission.open }
    },
    close,
  }
}

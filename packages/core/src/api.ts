import type { Alert, AlertQuery } from './accounting/alerts.ts'
import type { ReportQuery } from './accounting/report-query.ts'
import type { Report } from './accounting/report.ts'
import type { BudgetHolder } from './budget/budget-config.ts'
import type { Decision, Headroom } from './budget/decision.ts'
import type { TaskCache } from './caching/cache-config.ts'
import type { CallContext } from './call-host.ts'
import type { Attributes } from './call/attributes.ts'
import type { Listener } from './call/events.ts'
import type { Host } from './call/host.ts'
import type { Outcome } from './call/outcome.ts'
import type { Ticket } from './call/ticket.ts'
import type { Usage } from './call/usage.ts'
import type { PlimsollSettings } from './config/config.ts'
import type { Workflow, WorkflowAttributes } from './run.ts'
import type { Watch } from './watch.ts'

/** A call, as its caller describes it. Attributes stand beside the rest. */
export interface CallOptions extends Attributes {
  /**
   * What is called, such as `openai/gpt-5-mini`; its task's other targets are what it falls back to. May be left out where
   * the task lists `targets`.
   */
  readonly target?: string
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

/** How long is waited for what has begun. @defaultValue until it is over */
export interface DrainOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** What an adapter has to say of one call. */
export interface HostCall<T, Q> {
  readonly host: Host<T, Q>
  readonly request: Q
  /** What is asked first. @defaultValue what the call's task, or `targets`, begins with */
  readonly target?: string | undefined
  /** All that the host is able to call. @defaultValue anything */
  readonly targets?: readonly string[]
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
  /**
   * The host makes the call by itself, once, between being let in (`open` is called) and its end (what `open` returns
   * settles). It waits for room and is accounted for; caches, other targets, retries and time limits are not for it. Its
   * lease runs out unless `attempt.alive` is called. @defaultValue every policy
   */
  readonly only?: 'budget'
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
  /**
   * For hosts that only look on: nothing is held for the call, and nothing refused. It counts in reports once it has ended.
   *
   * @param defaults attributes that hold where neither the call nor what is around it says otherwise
   * @throws {PlimsollError} `invalid-call` for attributes that are not as they should be
   */
  watch(call: CallOptions, defaults?: Attributes): Watch
  /**
   * For hosts that see the headers of answers apart from the calls: to be called when a request is sent, and what it returns
   * with the headers of its answer, under lower-case names.
   */
  observe(target: string): (headers: Readonly<Record<string, string>>) => void
  /**
   * Fields of the configuration that ask for more than waiting for room and counting, such as `tasks.faq.cache`: what a host
   * that calls before and after cannot do.
   */
  beyondBudget(): readonly string[]
  /** For hosts that call before and after: a place in line, at once. Whoever is granted must close the reservation. */
  reserve(call: CallOptions): Ticket
  /** What would happen to this call now, and why. Nothing is taken. */
  decide(call: CallOptions): Promise<Decision>
  /** What is left of a target's limits, and of the budgets of a call with these attributes. */
  headroom(target: string, attributes?: Attributes): Promise<Headroom>
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
  /**
   * What calls came to, by any of their attributes and by time: requests, tokens, cost, percentiles, errors; and what
   * waits now. Calls count when they are over. Bounded: what there is no room to tell apart stands under `(other)`.
   *
   * @throws {PlimsollError} `invalid-call` for a query that makes no sense
   */
  report(query?: ReportQuery): Report
  /**
   * What has become worse of late, and what is responsible for it: latencies, input tokens a request, failures. To be asked
   * every few minutes; nothing is remembered of what it said.
   *
   * @throws {PlimsollError} `invalid-call` for a query that makes no sense
   */
  alerts(query?: AlertQuery): readonly Alert[]
  /** What is open now: for health checks, and tests of what leaks. */
  state(): PlimsollState
  /**
   * Changes limits, budgets, prices and the queue's rules while calls are under way. A field that is not given stays as
   * it is. Limits keep what is used and owed; whoever waits is judged anew, in the place it had.
   *
   * @throws {PlimsollError} `invalid-config`; then nothing has changed
   */
  update(settings: PlimsollSettings): void
  /**
   * Forgets what is held about a tenant or a user: what they have used of budgets, and what was looked up for them.
   * Resolves once the store has been told.
   */
  forget(holder: Pick<BudgetHolder, 'tenant' | 'user'>): Promise<void>
  readonly cache: {
    /**
     * Nothing that is kept for this tenant is served any more, on whichever level: at once here, within five seconds in
     * other processes that share the store. Without a tenant, nothing at all is. What the tasks of scope `'shared'` keep is no
     * tenant's.
     *
     * Rejects with the store's error where it could not be told: then it holds here, and is told to it again later.
     */
    purge(holder?: Pick<BudgetHolder, 'tenant'>): Promise<void>
    /**
     * For hosts that look up and keep by themselves: what is kept under this key for the tenant that `with` has set around
     * it, if it is not too old; else `undefined`. Never rejects.
     */
    lookup(key: unknown, cache: Pick<TaskCache, 'ttlMs' | 'scope'>): Promise<unknown>
    /** Keeps data that JSON can hold under a key, of which only a keyed hash is kept. Never rejects. */
    keep(key: unknown, value: unknown, cache: Pick<TaskCache, 'ttlMs' | 'scope'>): Promise<void>
  }
  /**
   * For the end of a function that may be frozen after it: resolves once the store has taken everything, and promises of
   * listeners are settled. Never rejects: what failed is told as events.
   */
  flush(): Promise<void>
  /**
   * Admits nothing new, lets what waits, what is in flight and the runs under way end, and resolves with what is then
   * left: nothing, unless `timeoutMs` or the signal came first, which closes.
   */
  drain(options?: DrainOptions): Promise<PlimsollState>
  /** Admits no more and turns away whoever waits. Calls in flight end by themselves. */
  close(): void
}

export interface PlimsollState {
  /** Calls that wait for room. */
  readonly waiting: number
  /** Reservations that are neither settled nor given back. */
  readonly reservations: number
}

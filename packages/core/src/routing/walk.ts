import type { Call } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Events, PassReason } from '../call/events.ts'
import { triesOf } from '../call/failure-classes.ts'
import type { End, Marks, Outcome, Reply } from '../call/outcome.ts'
import type { Next } from '../call/policy.ts'
import type { Clock } from '../time/clock.ts'
import { following, mendsByLess } from './after.ts'
import { candidatesOf, lengthFor, strongerThan } from './candidates.ts'
import type { Calling, Candidate, SilentCandidate } from './candidates.ts'
import { judge, wholeOf } from './judge.ts'
import type { Ladder, Validate } from './ladder.ts'
import { noAnswer, notToBeCalled } from './no-answer.ts'
import type { Tried, Unanswered } from './no-answer.ts'
import { endingWhereItBreaks } from './partial.ts'
import type { Latencies } from './latencies.ts'
import { overflows, passedOver } from './passes.ts'
import type { Routes } from './routes.ts'

export interface WalkOptions {
  readonly routes: Routes
  readonly latencies: Latencies
  readonly events: Events
  readonly clock: Clock
  readonly now: () => number
}

/** One call on its way through its candidates. Made for each call: calls share nothing that changes. */
export class Walk<T> {
  readonly #call: Call<T>
  readonly #ladder: Ladder
  readonly #next: Next<T>
  readonly #options: WalkOptions
  /** What came of whom; made when it is not an answer. */
  #notes: Notes | undefined
  #last: Unanswered | undefined

  constructor(call: Call<T>, ladder: Ladder, next: Next<T>, options: WalkOptions) {
    this.#call = call
    this.#ladder = ladder
    this.#next = next
    this.#options = options
  }

  get #noted(): Notes {
    return (this.#notes ??= { tried: new Map(), passed: new Map(), asked: new Map() })
  }

  /** @param refused it may call nothing, for this reason */
  async run(targets: readonly string[], refused: Unanswered | undefined): Promise<Outcome<T>> {
    try {
      const { signal, state, attributes } = this.#call
      const interactive = attributes.mode === 'interactive'
      let rest = candidatesOf(this.#ladder, { targets, interactive })
      const first = rest.find((one) => one.kind === 'calling')
      if (first !== undefined) state.firstChoice = first.target
      if (refused !== undefined) {
        this.#last = refused
        rest = rest.filter(isSilent)
      }
      while (rest.length > 0) {
        if (signal?.aborted === true) return { kind: 'aborted', reason: signal.reason }
        const candidate = rest[0]!
        rest = rest.slice(1)
        if (candidate.kind === 'silent') {
          const answered = await this.#answered(candidate)
          if (answered !== undefined) return answered
          continue
        }
        if (this.#isPast(candidate)) continue
        state.elsewhere = rest.some((one) => one.kind === 'calling' && one.target !== candidate.target)
        const outcome = await this.#asking(candidate)
        if (outcome === undefined) continue
        if (outcome.kind === 'ok' || outcome.kind === 'aborted') return outcome
        this.#last = outcome
        rest = this.#following(candidate, outcome, rest)
      }
      return this.#unanswered()
    } catch (error) {
      return notToBeCalled(error)
    }
  }

  /** Nothing more is to be had of it: no try is left, or it has had its own. */
  #isPast({ target, rung }: Calling): boolean {
    const { state, deadline } = this.#call
    if (triesOf(state) >= this.#ladder.maxAttempts) return true
    // The first is asked even so: attempt says best what is wrong.
    if (this.#last !== undefined && deadline <= this.#options.now()) return true
    return rung !== 'shorter' && this.#notes?.asked.has(target) === true
  }

  async #asking(candidate: Calling): Promise<Outcome<T> | undefined> {
    const { target, again } = candidate
    const { routes, now } = this.#options
    const { state } = this.#call
    const before = this.#notes?.asked.get(target)
    const why =
      before !== undefined && !mendsByLess(before) ? 'failed-before' : passedOver(target, this.#call, routes)
    if (why !== undefined) return this.#pass(candidate, why)
    const moved = this.#moved(candidate)
    const trim = candidate.trim ?? this.#ladder.trim
    const { call, diet } = trim === undefined ? { call: moved, diet: undefined } : await trim(moved)
    if (call.signal?.aborted === true) return { kind: 'aborted', reason: call.signal.reason }
    if (overflows(call, routes)) return this.#pass(candidate, 'context')
    state.askedLast = target
    const since = now()
    const waited = state.queuedMs + state.retryDelayMs
    const outcome = await this.#next(call)
    if (outcome.kind === 'aborted') return outcome
    if (outcome.kind === 'ok') {
      const waitedMs = state.queuedMs + state.retryDelayMs - waited
      // Where nobody asks for it, it is not worth knowing.
      if (this.#ladder.strategy === 'latency')
        this.#options.latencies.learn(call, now() - since - waitedMs, now())
      const reply = this.#marked(outcome.reply, candidate, diet)
      const { validate } = this.#ladder
      const judged =
        validate === undefined ? this.#unjudged(call, reply) : await this.#judged(call, reply, validate)
      const { rung } = candidate
      if (judged.kind === 'ok' && rung !== undefined) this.#tell({ type: 'call.degraded', rung }, target)
      return judged
    }
    if (isWait(outcome)) this.#pass(candidate, 'wait', outcome.error.retryAfterMs)
    this.#noted.tried.set(target, outcome)
    if (!(again && isWait(outcome))) this.#noted.asked.set(target, outcome)
    return outcome
  }

  /** The call as this candidate is to have it. */
  #moved(candidate: Calling): Call<T> {
    const call = this.#call
    const { target, maxWaitMs = call.maxWaitMs } = candidate
    const maxOutputTokens = lengthFor(candidate, call.maxOutputTokens, this.#ladder)
    const moved =
      target === call.target && maxOutputTokens === call.maxOutputTokens && maxWaitMs === call.maxWaitMs
        ? call
        : { ...call, target, maxOutputTokens, maxWaitMs }
    return target === call.target ? moved : { ...moved, inputTokens: this.#options.routes.counter(moved) }
  }

  /** Its answer with what is to be said of it. */
  #marked(reply: Reply<T>, { target, rung }: Calling, diet: string | undefined): Reply<T> {
    const isFirst = target === this.#call.state.firstChoice
    if (rung === undefined && diet === undefined && isFirst) return reply
    const marks: Marks = {
      ...reply.marks,
      ...(rung === undefined ? {} : { degraded: rung }),
      ...(isFirst ? {} : { fallback: true }),
      ...(diet === undefined ? {} : { diet }),
    }
    return { ...reply, marks }
  }

  #unjudged(call: Call<T>, reply: Reply<T>): Outcome<T> {
    if (!this.#ladder.partial) return { kind: 'ok', reply }
    const onCut = (): void => this.#tell({ type: 'call.degraded', rung: 'partial' }, call.target)
    return { kind: 'ok', reply: endingWhereItBreaks(call, reply, onCut) }
  }

  async #judged(call: Call<T>, marked: Reply<T>, validate: Validate): Promise<Outcome<T>> {
    const { state, signal, target } = call
    const { clock, now } = this.#options
    const whole = await wholeOf(call, marked)
    if (whole.broken === undefined) {
      const judgement = await judge(call, validate, { whole, clock, now })
      if (judgement === 'good') {
        state.firstContentAt = now()
        return { kind: 'ok', reply: whole.reply }
      }
      if (judgement !== 'aborted') this.#tell({ type: 'validation.failed', how: judgement }, target)
    }
    this.#lost(whole.end)
    if (signal?.aborted === true) return { kind: 'aborted', reason: signal.reason }
    const outcome = whole.broken === undefined ? invalid(call) : broken(whole.broken.error)
    this.#noted.tried.set(target, outcome)
    this.#noted.asked.set(target, outcome)
    return outcome
  }

  /** It was paid for, and nobody gets it. */
  #lost({ usage, costUsd, exact }: End): void {
    const { state } = this.#call
    state.lost.push({ usage, costUsd, exact })
    state.firstContentAt = undefined
  }

  async #answered({ rung, answer }: SilentCandidate): Promise<Outcome<T> | undefined> {
    const { state, target } = this.#call
    const named = state.firstChoice ?? target
    let outcome: Outcome<T> | undefined
    try {
      outcome = await answer({ ...this.#call, target: named })
    } catch {
      // A rung that fails must not hide why it was come to.
    }
    if (outcome === undefined) this.#tell({ type: 'candidate.passed', reason: 'unavailable' }, named)
    // Whose fault it is that it came to this rung.
    if (outcome?.kind === 'rejected' && this.#last?.kind === 'rejected')
      return { ...outcome, side: this.#last.side }
    if (outcome?.kind !== 'ok') return outcome
    this.#tell({ type: 'call.degraded', rung }, named)
    const marks = { ...outcome.reply.marks, degraded: rung }
    return { kind: 'ok', reply: { ...outcome.reply, marks } }
  }

  #following(candidate: Calling, outcome: Unanswered, rest: readonly Candidate[]): readonly Candidate[] {
    // What it would have to wait for now it may wait for later.
    if (candidate.again && isWait(outcome)) return rest
    switch (following(outcome)) {
      case 'any':
        return rest
      case 'roomier':
        return rest.filter(
          (one) => isSilent(one) || one.rung === 'shorter' || this.#isRoomier(one, candidate),
        )
      case 'shorter':
        return rest.filter((one) => isSilent(one) || one.rung === 'shorter')
      case 'stronger':
        return this.#stronger(rest)
      case 'silent':
        return rest.filter(isSilent)
      case 'nothing':
        return []
    }
  }

  #stronger(rest: readonly Candidate[]): Candidate[] {
    const { stronger } = this.#ladder
    // Without stronger ones another of the same may do better; a lesser one will not.
    if (stronger.length === 0) return rest.filter((one) => isSilent(one) || one.rung === undefined)
    return [...strongerThan(this.#ladder, new Set(this.#noted.asked.keys())), ...rest.filter(isSilent)]
  }

  #isRoomier({ target }: Calling, than: Calling): boolean {
    const { routes } = this.#options
    const theirs = routes.contextTokens(target)
    const was = routes.contextTokens(than.target)
    return theirs === undefined || was === undefined || theirs > was
  }

  #pass({ target }: Calling, reason: PassReason, waitMs?: number): undefined {
    // It may come up again: the same is not told twice.
    if (this.#noted.passed.get(target) === reason) return undefined
    this.#noted.passed.set(target, reason)
    const refusal = reason === 'breaker' ? closedOff(target, this.#options.routes) : undefined
    // It says itself for how long.
    this.#last ??= refusal
    if (!this.#noted.tried.has(target)) this.#noted.tried.set(target, refusal ?? reason)
    const waits = waitMs === undefined ? {} : { waitMs }
    this.#tell({ type: 'candidate.passed', reason, ...waits }, target)
    return undefined
  }

  #unanswered(): Unanswered {
    const last = this.#last
    const tried = [...this.#noted.tried].map(([target, why]) => ({ target, why }))
    const isWrapped = last === undefined || WRAPPED.has(following(last))
    if (last !== undefined && (!isWrapped || tried.length <= 1)) return last
    const { attempts } = this.#call.state
    return noAnswer(this.#ladder.task, tried, { last, attempts })
  }

  #tell(event: Told, target: string): void {
    const { events, now } = this.#options
    if (events.heard) events.emit({ ...event, at: now(), callId: this.#call.id, target })
  }
}

interface Notes {
  readonly tried: Map<string, Tried['why']>
  /** Of whom it was told that they are passed over. */
  readonly passed: Map<string, PassReason>
  /** Targets that were really asked, with what came of it. */
  readonly asked: Map<string, Unanswered>
}

type Told =
  | { readonly type: 'candidate.passed'; readonly reason: PassReason; readonly waitMs?: number }
  | { readonly type: 'call.degraded'; readonly rung: string }
  | { readonly type: 'validation.failed'; readonly how: 'refused' | 'threw' | 'timeout' }

/** What is put together with what became of the others; the rest says best itself what is wrong. */
const WRAPPED: ReadonlySet<string> = new Set(['any', 'roomier', 'shorter'])

function isSilent(candidate: Candidate): candidate is SilentCandidate {
  return candidate.kind === 'silent'
}

function isWait(outcome: Unanswered): outcome is Extract<Unanswered, { kind: 'rejected' }> {
  if (outcome.kind !== 'rejected') return false
  return ['wait-too-long', 'deadline-exceeded', 'rate-limited', 'queue-full'].includes(outcome.error.code)
}

function closedOff(target: string, routes: Routes): Unanswered | undefined {
  const error = routes.closedOff(target)
  return error && { kind: 'rejected', side: 'target', by: 'breaker', error }
}

function invalid<T>({ target, state: { attempts } }: Call<T>): Unanswered {
  const message = `The answer of ${target} did not pass \`validate\`.`
  const error = new PlimsollError({ code: 'invalid-answer', message, attempts })
  return { kind: 'rejected', side: 'target', by: 'validate', error }
}

/** It broke off while it was kept back: nobody has seen any of it. */
function broken(error: unknown): Unanswered {
  return { kind: 'failed', failure: { class: 'server' }, error }
}

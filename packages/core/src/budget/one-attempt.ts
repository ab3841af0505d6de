import type { Attributes } from '../call/attributes.ts'
import type { Call, Spent } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import type { ErrorFacts, Opened } from '../call/host.ts'
import type { End, Failure, Marks, Outcome, Reply } from '../call/outcome.ts'
import { inScope } from '../call/scope.ts'
import type { Timeouts } from '../call/timeouts.ts'
import type { Usage } from '../call/usage.ts'
import { cleanUsage, isKnown } from '../call/usage.ts'
import { costUsd } from '../tokens/price.ts'
import type { Admission } from './admission.ts'
import { AttemptTimers } from './attempt-timers.ts'
import type { Estimate } from './charges.ts'
import { FollowedStream } from './follow.ts'
import type { Followed } from './follow.ts'
import { HeldReservation } from './reservation.ts'
import type { Target } from './target.ts'
import type { Waiter } from './waiter.ts'

export interface AttemptOptions {
  readonly admission: Admission
  readonly events: Events
  readonly targetOf: (id: string) => Target
  /** How long a call may wait in queues, all its attempts together. */
  readonly maxWaitMs: () => number
  readonly timeoutsOf: (attributes: Attributes) => Timeouts
}

/** One request to a provider, from asking for room to the last byte of its answer. */
export class OneAttempt<T> {
  readonly #call: Call<T>
  readonly #target: Target
  readonly #options: AttemptOptions
  readonly #estimate: Estimate
  readonly #controller = new AbortController()
  #waiter: Waiter | undefined
  #opening = false
  #sentAt = 0
  #stream: FollowedStream<T> | undefined
  #timers: AttemptTimers | undefined
  /** What it was ended with, where it took too long. */
  #timeout: { readonly error: unknown } | undefined

  constructor(call: Call<T>, target: Target, options: AttemptOptions) {
    this.#call = call
    this.#target = target
    this.#options = options
    this.#estimate = {
      ...target.inputOf(call.inputTokens(), call.counted),
      maxOutputTokens: call.maxOutputTokens,
      outputTokens: call.host.kind === 'embed' ? 0 : Math.ceil(target.outputOf(call.attributes.task).value()),
    }
  }

  get seq(): number | undefined {
    return this.#waiter?.ask.seq
  }

  async run(deadline: () => number, seq: number | undefined): Promise<Outcome<T>> {
    const { admission } = this.#options
    const { signal, state } = this.#call
    if (hasLeft(signal)) return { kind: 'aborted', reason: signal?.reason }
    const began = admission.now()
    const reservation = await this.#admitted(deadline, seq)
    state.queuedMs += admission.now() - began
    if (!(reservation instanceof HeldReservation)) return reservation
    if (hasLeft(signal)) {
      reservation.cancel()
      return { kind: 'aborted', reason: signal?.reason }
    }
    state.requestCounted = true
    state.attempts++
    return this.#send(reservation)
  }

  async #admitted(deadline: () => number, seq: number | undefined): Promise<HeldReservation | Outcome<T>> {
    const { urgency } = this.#call.state
    const { signal } = this.#call
    for (;;) {
      const waiter = this.#reserve(deadline(), seq)
      this.#waiter = waiter
      let isRaised = false
      if (waiter.state === 'queued') {
        const leave = () => waiter.cancel(signal?.reason)
        const stop = urgency?.listen(() => {
          isRaised ||= waiter.state === 'queued'
          if (isRaised) leave()
        })
        signal?.addEventListener('abort', leave, { once: true })
        // oxlint-disable-next-line no-await-in-loop -- it takes another place in line, and waits there
        await waiter.ready
        signal?.removeEventListener('abort', leave)
        stop?.()
      }
      const { reservation } = waiter
      if (reservation instanceof HeldReservation) return reservation
      // oxlint-disable-next-line no-await-in-loop -- it is ready
      if (!isRaised || hasLeft(signal)) return (await waiter.ready) as Outcome<T>
      // Wanted sooner than before, or for longer: it asks anew, among those who came when it did.
      seq = waiter.ask.seq
    }
  }

  #reserve(deadline: number, seq: number | undefined): Waiter {
    const call = this.#call
    const { parent, state } = call
    return this.#options.admission.reserve({
      callId: call.id,
      target: this.#target,
      attributes: call.attributes,
      priority: state.urgency?.priority ?? call.priority,
      estimate: this.#estimate,
      deadline,
      parent: this.#options.admission.parentId(parent),
      countRequest: !state.requestCounted,
      seq,
      stillAlive: () => this.#opening || this.#stream?.pulling === true,
      onAbandoned: () => this.#abandon(),
    })
  }

  async #send(reservation: HeldReservation): Promise<Outcome<T>> {
    const { admission } = this.#options
    const { signal, host, state, onSent } = this.#call
    const sentAt = admission.now()
    this.#sentAt = sentAt
    const timers = this.#startTimers()
    let told = onSent?.()
    const over = (isOpen: boolean): void => {
      told?.(isOpen)
      told = undefined
    }
    const abort = () => this.#controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const unlink = () => signal?.removeEventListener('abort', abort)
    try {
      const opened = await this.#open(reservation)
      reservation.acknowledge()
      admission.answered(this.#target, opened.headers ?? {}, sentAt)
      const parts = host.parts(opened.value)
      if (parts.kind === 'stream') {
        const outcome = await this.#followed(opened, { parts, reservation, unlink })
        over(true)
        return outcome
      }
      if (parts.info.error !== undefined) throw parts.info.error
      state.firstContentAt ??= admission.now()
      timers?.clear()
      unlink()
      over(true)
      const { finish, bytes = 0 } = parts.info
      const usage = parts.info.usage && cleanUsage(parts.info.usage)
      const how = finish === 'interrupted' ? 'interrupted' : 'finished'
      const end = this.#settle(reservation, { how, usage, finish, error: undefined, bytes })
      return {
        kind: 'ok',
        reply: this.#reply(opened, opened.value, Promise.resolve(end), end.exact ? {} : { estimated: true }),
      }
    } catch (error) {
      timers?.clear()
      unlink()
      over(false)
      return this.#failed(reservation, error, sentAt)
    }
  }

  #startTimers(): AttemptTimers | undefined {
    const { admission, timeoutsOf } = this.#options
    const { host, attributes, state } = this.#call
    const timeouts = timeoutsOf(attributes)
    const { attemptMs, firstContentMs, betweenChunksMs, callMs } = timeouts
    if ((attemptMs ?? firstContentMs ?? betweenChunksMs ?? callMs) === undefined) return undefined
    this.#timers = new AttemptTimers({
      clock: admission.clock,
      now: admission.now,
      timeouts,
      isStream: host.kind === 'stream',
      // Of those who share it, as long as the one who can wait longest; whoever joins from now on shares what comes of it.
      callEndsAt: Math.max(state.startedAt + (callMs ?? Infinity), state.urgency?.deadline ?? 0),
      onTimeout: (error) => {
        this.#timeout = { error }
        this.#stream?.fail(error)
        // Of the attempt, not of the call: another may still answer it.
        this.#controller.abort(error)
      },
    })
    return this.#timers
  }

  /** Sends it. Leaves at once when the caller does, even where the toolkit does not. */
  #open(reservation: HeldReservation): Promise<Opened<T>> {
    const { host, request, target, maxOutputTokens, state } = this.#call
    const { signal } = this.#controller
    this.#opening = true
    return new Promise<Opened<T>>((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      const info = {
        target,
        attempt: state.attempts,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      }
      const opening = inScope({ reservation }, async () => host.open(request, signal, info))
      opening.then((opened) => {
        if (signal.aborted) void this.#discard(opened)
        resolve(opened)
      }, reject)
      void opening.finally(() => signal.removeEventListener('abort', onAbort)).catch(() => {})
    }).finally(() => {
      this.#opening = false
    })
  }

  /** An answer that came after its caller had left: a stream must not be left open. */
  async #discard(opened: Opened<T>): Promise<void> {
    try {
      const parts = this.#call.host.parts(opened.value)
      if (parts.kind === 'stream') await parts.source.return?.()
    } catch {
      // Nobody waits for it any more.
    }
  }

  async #followed(
    opened: Opened<T>,
    {
      parts,
      reservation,
      unlink,
    }: {
      parts: Extract<ReturnType<Call<T>['host']['parts']>, { kind: 'stream' }>
      reservation: HeldReservation
      unlink: () => void
    },
  ): Promise<Outcome<T>> {
    const { admission } = this.#options
    const { signal, state } = this.#call
    const { promise: end, resolve: ended } = Promise.withResolvers<End>()
    let begun = false
    this.#stream = new FollowedStream(parts, {
      signal: this.#controller.signal,
      onPull: () => this.#timers?.waiting(),
      onPart: () => {
        reservation.refresh()
        this.#timers?.arrived()
      },
      onContent: () => {
        state.firstContentAt ??= admission.now()
        this.#timers?.content()
      },
      onEnd: (followed) => {
        unlink()
        this.#timers?.clear()
        // Whoever reads no further has no use for the rest.
        if (followed.how === 'aborted') this.#controller.abort(signal?.reason)
        // Before the first content it came out as a call that was never answered, and is settled as one.
        if (!begun && (followed.how === 'failed' || followed.how === 'aborted')) return
        ended(this.#settle(reservation, followed))
      },
    })
    const value = await this.#stream.open()
    begun = true
    return { kind: 'ok', reply: this.#reply(opened, value, end, {}) }
  }

  #reply(opened: Opened<T>, value: T, end: Promise<End>, marks: Marks): Reply<T> {
    return { value, target: this.#target.id, marks, headers: opened.headers ?? {}, end }
  }

  #settle(reservation: HeldReservation, followed: Followed): End {
    const { how, usage, finish, error, bytes } = followed
    const target = this.#target
    this.#call.state.modelMs += this.#options.admission.now() - this.#sentAt
    const exact = isKnown(usage)
    const failure = how === 'failed' ? this.#classified(error).failure : undefined
    if (failure !== undefined) this.#tellFailed(failure)
    this.#options.admission.judge(reservation, how === 'finished' ? 'answered' : failure)
    const settled = exact ? usage : this.#atLeast(bytes)
    const cost = this.#spent(settled).costUsd
    reservation.settle(settled, exact ? 'exact' : 'at-least')
    if (exact) {
      const { task } = this.#call.attributes
      if (!this.#call.counted) target.input.learn(this.#call.inputTokens(), usage.inputTokens ?? 0)
      if (usage.outputTokens !== undefined) target.outputOf(task).learn(usage.outputTokens)
    }
    return {
      how,
      usage: settled,
      exact,
      ...(cost === undefined ? {} : { costUsd: cost }),
      ...(finish === undefined ? {} : { finish }),
      ...(error === undefined ? {} : { error }),
      ...(failure === undefined ? {} : { failure }),
    }
  }

  /** It is over, and this is what it used. */
  #spent(usage: Usage): Spent {
    const { state } = this.#call
    const { priced } = this.#target
    state.priceId = priced?.id
    return { usage, costUsd: priced && costUsd(priced.price, usage) }
  }

  /** Nobody knows what a broken answer cost: no less than was reserved, and no less than what was delivered. */
  #atLeast(bytes: number): Usage {
    const { inputTokens, maxOutputTokens, outputTokens } = this.#estimate
    const { counted, inputTokens: own } = this.#call
    return {
      inputTokens: Math.ceil(
        counted ? inputTokens : Math.max(inputTokens, own() * this.#target.input.most()),
      ),
      outputTokens: Math.ceil(Math.max(maxOutputTokens ?? outputTokens, bytes / BYTES_PER_TOKEN)),
    }
  }

  #failed(reservation: HeldReservation, error: unknown, sentAt: number): Outcome<T> {
    const { admission } = this.#options
    const { signal, state } = this.#call
    const target = this.#target
    state.modelMs += admission.now() - sentAt
    if (signal?.aborted === true) {
      this.#settleUnknown(reservation)
      return { kind: 'aborted', reason: signal.reason }
    }
    const { failure, headers } = this.#classified(error)
    if (headers !== undefined && failure.class !== 'rate-limit') {
      reservation.acknowledge()
      admission.observe(target, headers, sentAt)
    }
    // Paused, and closed off, before its room is given back, or those behind it would run into the same.
    if (failure.class === 'rate-limit') admission.rateLimited(target, failure, sentAt)
    this.#tellFailed(failure)
    admission.judge(reservation, failure)
    this.#settleFailed(reservation, failure)
    return { kind: 'failed', failure, error, attempts: state.attempts }
  }

  #classified(error: unknown): { failure: Failure; headers?: ErrorFacts['headers'] } {
    if (this.#timeout !== undefined) return { failure: { class: 'timeout' } }
    // What another Plimsoll, or a call inside of this one, has given up on: it has been tried as often as it was worth.
    if (PlimsollError.find(error) !== undefined) return { failure: { class: 'invalid-request' } }
    const { host } = this.#call
    const facts = factsOf(() => host.errorFacts(error))
    const failure = this.#target.profile.classify(facts, this.#options.admission.now())
    return { failure, headers: facts.headers }
  }

  #tellFailed({ class: kind, status }: Failure): void {
    const { admission, events } = this.#options
    const { id, state } = this.#call
    state.failures[kind] = (state.failures[kind] ?? 0) + 1
    if (!events.heard) return
    const of = { at: admission.now(), callId: id, target: this.#target.id }
    events.emit({ type: 'attempt.failed', class: kind, ...(status === undefined ? {} : { status }), ...of })
  }

  /**
   * An error that the provider answered with is final. What came of a connection that broke nobody knows, nor of an
   * answer that began well and could not be read to its end: the provider has worked for it.
   */
  #settleFailed(reservation: HeldReservation, failure: Failure): void {
    const refused = failure.status !== undefined && failure.status >= 400
    const answered = refused || failure.neverSent === true || failure.class === 'rate-limit'
    if (answered) reservation.fail(failure)
    else this.#settleUnknown(reservation)
  }

  /** Nobody knows whether it was done, and what it cost. */
  #settleUnknown(reservation: HeldReservation): void {
    if (!reservation.open) return
    const usage = this.#atLeast(0)
    reservation.settle(usage, 'at-least')
    this.#call.state.lost.push(this.#spent(usage))
  }

  #abandon(): void {
    this.#stream?.abandon()
    this.#controller.abort(
      new PlimsollError({ code: 'abandoned', message: 'Nobody read the answer: its lease ran out.' }),
    )
  }
}

/** What a toolkit's reader cannot read is an error that says nothing. */
function factsOf(read: () => ErrorFacts): ErrorFacts {
  try {
    return read()
  } catch {
    return {}
  }
}

/** Asked anew after each wait: it may have changed meanwhile. */
function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** A token of output is rarely shorter in UTF-8: a floor for what a broken stream delivered. */
const BYTES_PER_TOKEN = 3

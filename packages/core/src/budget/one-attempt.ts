import type { Attributes } from '../call/attributes.ts'
import type { Call } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import type { AttemptInfo, ErrorFacts, Opened } from '../call/host.ts'
import { endedWith } from '../call/outcome.ts'
import type { End, Ending, Failure, Marks, Outcome, Reply } from '../call/outcome.ts'
import { inReservation } from '../call/scope.ts'
import type { Timeouts } from '../call/timeouts.ts'
import { cleanUsage } from '../call/usage.ts'
import type { Admission } from './admission.ts'
import type { Asking } from './asking.ts'
import { AttemptTimers } from './attempt-timers.ts'
import type { Estimate } from './charges.ts'
import { FollowedStream } from './follow.ts'
import type { Followed } from './follow.ts'
import { HeldReservation } from './reservation.ts'
import { Settlement } from './settlement.ts'
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
  readonly #settlement: Settlement
  readonly #controller = new AbortController()
  #waiter: Waiter | undefined
  #isOpening = false
  /** Rejects what is being opened, where it may come to that. */
  #leaveOpening: ((reason: unknown) => void) | undefined
  /** Its lease ran out. */
  #abandoned = false
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
    this.#settlement = new Settlement(call, target, this.#estimate, options)
  }

  get seq(): number | undefined {
    return this.#waiter?.ask.seq
  }

  run(deadline: () => number, seq: number | undefined, now: number): Promise<Outcome<T>> {
    const { signal } = this.#call
    if (hasLeft(signal)) return Promise.resolve({ kind: 'aborted', reason: signal?.reason })
    const waiter = this.#reserve(deadline(), seq, now)
    const { reservation } = waiter
    // Most are let in at once, and need not wait to hear it.
    return reservation instanceof HeldReservation && !hasLeft(signal)
      ? this.#send(reservation, now)
      : this.#afterWait(waiter, deadline)
  }

  async #afterWait(waiter: Waiter, deadline: () => number): Promise<Outcome<T>> {
    const { admission } = this.#options
    const { signal, state } = this.#call
    const admitted = await this.#admitted(waiter, deadline)
    const now = admission.now()
    state.queuedMs += now - waiter.since
    if (!(admitted instanceof HeldReservation)) return admitted
    if (!hasLeft(signal)) return this.#send(admitted, now)
    admitted.cancel()
    return { kind: 'aborted', reason: signal?.reason }
  }

  /** Waits until it is let in, or turned away. */
  async #admitted(waiter: Waiter, deadline: () => number): Promise<HeldReservation | Outcome<T>> {
    const { urgency } = this.#call.state
    const { signal } = this.#call
    for (;;) {
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
      waiter = this.#reserve(deadline(), waiter.ask.seq, this.#options.admission.now())
    }
  }

  #reserve(deadline: number, seq: number | undefined, now: number): Waiter {
    const call = this.#call
    const { parent, state } = call
    const asking: Asking = {
      callId: call.id,
      target: this.#target,
      attributes: call.attributes,
      priority: state.urgency?.priority ?? call.priority,
      estimate: this.#estimate,
      deadline,
      parent: this.#options.admission.parentId(parent),
      countRequest: !state.requestCounted,
      seq,
      stillAlive: () => call.observed !== true && (this.#isOpening || this.#stream?.pulling === true),
      onAbandoned: () => this.#abandon(),
    }
    return (this.#waiter = this.#options.admission.reserve(asking, now))
  }

  async #send(reservation: HeldReservation, sentAt: number): Promise<Outcome<T>> {
    const { admission } = this.#options
    const { host, state, onSent } = this.#call
    state.requestCounted = true
    state.attempts++
    this.#sentAt = sentAt
    const timers = this.#startTimers()
    let over = onSent?.()
    const unlink = this.#linked()
    try {
      const opened = await this.#open(reservation)
      this.#isOpening = false
      const parts = host.parts(opened.value)
      // One that is over is settled at once, which says as much; but first headers are compared with what is left.
      if (parts.kind === 'stream' || opened.headers !== undefined) reservation.acknowledge()
      admission.feedback.answered(this.#target, opened.headers, sentAt)
      if (parts.kind === 'stream') {
        const outcome = await this.#followed(opened, { parts, reservation, unlink })
        over?.(true)
        return outcome
      }
      if (parts.info.error !== undefined) throw parts.info.error
      const at = admission.now()
      state.firstContentAt ??= at
      timers?.clear()
      unlink()
      over?.(true)
      over = undefined
      const { finish, bytes = 0 } = parts.info
      const usage = parts.info.usage && cleanUsage(parts.info.usage)
      const how = finish === 'interrupted' ? 'interrupted' : 'finished'
      const end = this.#settle(reservation, { how, usage, finish, error: undefined, bytes }, at)
      return {
        kind: 'ok',
        reply: this.#reply(opened, opened.value, endedWith(end), end.exact ? {} : { estimated: true }),
      }
    } catch (error) {
      this.#isOpening = false
      timers?.clear()
      unlink()
      over?.(false)
      return this.#failed(reservation, error, sentAt)
    }
  }

  /** Leaves when the caller does, until what is returned is called. */
  #linked(): () => void {
    const { signal } = this.#call
    if (signal === undefined) return nothing
    const abort = () => this.#abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    return () => signal.removeEventListener('abort', abort)
  }

  #startTimers(): AttemptTimers | undefined {
    const { admission, timeoutsOf } = this.#options
    const { host, attributes, state } = this.#call
    // A host that makes the call by itself cannot be told to end it.
    if (this.#call.observed === true) return undefined
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
        this.#abort(error)
      },
    })
    return this.#timers
  }

  /** Sends it. */
  #open(reservation: HeldReservation): Promise<Opened<T>> {
    const { host, request, target, signal, maxOutputTokens, state, observed } = this.#call
    const info: { -readonly [K in keyof AttemptInfo]: AttemptInfo[K] } = { target, attempt: state.attempts }
    if (maxOutputTokens !== undefined) info.maxOutputTokens = maxOutputTokens
    if (observed === true) info.alive = () => this.#alive(reservation)
    this.#isOpening = true
    const opening = inReservation(reservation, () => host.open(request, this.#controller.signal, info))
    const mayLeave = signal !== undefined || this.#timers !== undefined || observed === true
    return mayLeave ? this.#orLeft(opening) : opening
  }

  /** Leaves at once when the caller does, even where the toolkit does not. */
  #orLeft(opening: Promise<Opened<T>>): Promise<Opened<T>> {
    return new Promise((resolve, reject) => {
      this.#leaveOpening = reject
      opening.then((opened) => {
        if (this.#controller.signal.aborted) void this.#discard(opened)
        resolve(opened)
      }, reject)
    })
  }

  #abort(reason: unknown): void {
    if (this.#isOpening) this.#leaveOpening?.(reason)
    this.#controller.abort(reason)
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
        if (followed.how === 'aborted') this.#abort(signal?.reason)
        // Before the first content it came out as a call that was never answered, and is settled as one.
        if (!begun && (followed.how === 'failed' || followed.how === 'aborted')) return
        ended(this.#settle(reservation, followed, admission.now()))
      },
    })
    const value = await this.#stream.open()
    begun = true
    return { kind: 'ok', reply: this.#reply(opened, value, end, {}) }
  }

  #reply(opened: Opened<T>, value: T, end: Ending, marks: Marks): Reply<T> {
    return { value, target: this.#target.id, marks, headers: opened.headers ?? {}, end }
  }

  #settle(reservation: HeldReservation, followed: Followed, at: number): End {
    const { how, error } = followed
    this.#call.state.modelMs += at - this.#sentAt
    const failure = how === 'failed' ? this.#classified(error).failure : undefined
    return this.#settlement.ended(reservation, followed, failure, at)
  }

  #failed(reservation: HeldReservation, error: unknown, sentAt: number): Outcome<T> {
    const { admission } = this.#options
    const { signal, state } = this.#call
    state.modelMs += admission.now() - sentAt
    if (signal?.aborted === true || this.#abandoned) {
      this.#settlement.unknown(reservation, this.#abandoned)
      return { kind: 'aborted', reason: signal?.aborted === true ? signal.reason : error }
    }
    const { failure, headers } = this.#classified(error)
    if (headers !== undefined && failure.class !== 'rate-limit') {
      reservation.acknowledge()
      admission.feedback.observe(this.#target, headers, sentAt)
    }
    // Paused, and closed off, before its room is given back, or those behind it would run into the same.
    if (failure.class === 'rate-limit') admission.feedback.rateLimited(this.#target, failure, sentAt)
    this.#settlement.failed(reservation, failure)
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

  /** Of a call that its host makes by itself: something of the answer has come. */
  #alive(reservation: HeldReservation): void {
    this.#call.state.firstContentAt ??= this.#options.admission.now()
    reservation.acknowledge()
    reservation.refresh()
  }

  #abandon(): void {
    this.#abandoned = true
    this.#stream?.abandon()
    this.#abort(
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

function nothing(): void {}

/** Asked anew after each wait: it may have changed meanwhile. */
function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

import type { Call, CallState } from '../call/call.ts'
import { newCallState } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { End, Outcome, Reply } from '../call/outcome.ts'
import { Urgency } from '../call/urgency.ts'
import type { Clock } from '../time/clock.ts'
import { Member } from './member.ts'
import { SharedStream } from './shared-stream.ts'
import { unbilled } from './worth.ts'

type Rejected = Extract<Outcome<never>, { kind: 'rejected' }>

export interface FlightOptions<T> {
  readonly clock: Clock
  readonly now: () => number
  readonly maxBytes: number
  /** How to answer from what is kept, if that can be. Never rejects. */
  readonly find: () => Promise<((call: Call<T>) => Outcome<T> | undefined) | undefined>
  /** How to answer from what another process is answered, once it is; nothing where it is to be called. Never rejects. */
  readonly follow?: (signal: AbortSignal) => Promise<((call: Call<T>) => Outcome<T> | undefined) | undefined>
  /** Calls the provider. */
  readonly call: (call: Call<T>) => Promise<Outcome<T>>
  /** An answer is over and whole. `parts` of a stream. Never throws. */
  readonly keep: (reply: Reply<T>, end: End, parts: readonly unknown[]) => void
  /** Nobody is to join it any more. */
  readonly onClosed: () => void
}

/**
 * One look-up and one call for all who ask the same. It is nobody's: the one whose name it goes by may leave, or be
 * refused for its own sake, and the others go on. When the last one leaves, the call is aborted.
 */
export class Flight<T> {
  readonly #options: FlightOptions<T>
  readonly #members = new Set<Member<T>>()
  /** Those who wait as long as the flight does. */
  readonly #untimed = new Set<Member<T>>()
  readonly #controller = new AbortController()
  readonly #urgency: Urgency
  #lastLeft: Member<T> | undefined
  #state: CallState | undefined
  #isCalling = false
  #timesAll = false
  #closed = false
  #stream: { shared: SharedStream; deliver: (member: Member<T>) => void } | undefined

  constructor(options: FlightOptions<T>) {
    this.#options = options
    this.#urgency = new Urgency('low', Number.NEGATIVE_INFINITY)
  }

  get joinable(): boolean {
    return !this.#closed && (this.#stream === undefined || this.#stream.shared.joinable)
  }

  /** Whether the provider has been asked. */
  get sent(): boolean {
    return this.#stream !== undefined || (this.#state?.attempts ?? 0) > 0
  }

  /** How urgent it is, 0 the highest: once the provider has been asked, nothing would be gained by asking it before others. */
  get rank(): number {
    return this.sent ? 0 : this.#urgency.rank
  }

  join(call: Call<T>): Promise<Outcome<T>> {
    const { signal, priority, deadline } = call
    if (signal?.aborted === true) return Promise.resolve({ kind: 'aborted', reason: signal.reason })
    const member = new Member(call, this.#options.now())
    this.#members.add(member)
    if (this.#stream !== undefined) {
      this.#stream.deliver(member)
      return member.outcome
    }
    const onAbort = (): void => this.#abort(member, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    member.until(() => signal?.removeEventListener('abort', onAbort))
    if (deadline > this.#urgency.deadline) this.#timeAll()
    if (deadline < this.#urgency.deadline) this.#time(member)
    else this.#untimed.add(member)
    this.#urgency.raise(priority, deadline)
    if (this.#timesAll) this.#timeAll()
    return member.outcome
  }

  /** It waits for the flight no longer than it may. */
  #time(member: Member<T>): void {
    const { clock, now } = this.#options
    const { deadline } = member.call
    if (deadline === Infinity) return
    member.until(clock.timer(Math.max(0, deadline - now()), () => this.#tooLate(member)))
  }

  #timeAll(): void {
    for (const member of this.#untimed) this.#time(member)
    this.#untimed.clear()
  }

  /** Looks up, and calls where nothing is found. Never rejects. */
  async run(): Promise<void> {
    try {
      const serve = await this.#options.find()
      if (serve !== undefined && this.#served(serve)) return
      const elsewhere = await this.#followed()
      if (elsewhere !== undefined && this.#served(elsewhere)) return
      await this.#fly()
    } catch (error) {
      // A toolkit that cannot read its own request: each of them would have met that.
      this.#end({ kind: 'failed', failure: { class: 'invalid-request' }, error })
    }
  }

  async #followed(): Promise<((call: Call<T>) => Outcome<T> | undefined) | undefined> {
    const { follow } = this.#options
    if (follow === undefined) return undefined
    // No call of its own is under way that would end with the longest of its deadlines.
    this.#timesAll = true
    this.#timeAll()
    return follow(this.#controller.signal)
  }

  #served(serve: (call: Call<T>) => Outcome<T> | undefined): boolean {
    const [first, ...others] = this.#members
    const outcome = first && serve(first.call)
    if (first === undefined || outcome === undefined) return false
    this.#close()
    this.#members.clear()
    first.settle(outcome)
    for (const member of others) this.#settleOrAlone(member, () => serve(member.call))
    return true
  }

  async #fly(): Promise<void> {
    let carried: CallState | undefined
    for (;;) {
      const face = this.#nextFace()
      if (face === undefined) return this.#close()
      face.tried = true
      const state = carried ?? newCallState(face.call.state.startedAt)
      this.#state = state
      state.prepared = face.call.state.prepared
      state.urgency = this.#urgency
      this.#isCalling = true
      const began = this.#options.now()
      // oxlint-disable-next-line no-await-in-loop -- the next is only tried when this one was refused
      const outcome = await face.within(() => this.#options.call(this.#sharedCall(face, state)))
      if (outcome.kind === 'ok') return this.#opened(outcome.reply, face)
      if (outcome.kind !== 'rejected' || this.#members.size === 0) return this.#end(outcome)
      this.#isCalling = false
      carried = this.#members.has(face) ? undefined : state
      this.#refuse(face, outcome, began)
    }
  }

  #nextFace(): Member<T> | undefined {
    // Those who were tried are gone but for one: the search is short however many there are.
    for (const member of this.#members) if (!member.tried) return member
    return undefined
  }

  #sharedCall(face: Member<T>, state: CallState): Call<T> {
    const { priority, deadline } = this.#urgency
    return { ...face.call, priority, deadline, signal: this.#controller.signal, state }
  }

  /**
   * What is refused for one's own sake concerns nobody else. What a target has no room for concerns those of its tenant who
   * have waited as long.
   */
  #refuse(face: Member<T>, outcome: Rejected, began: number): void {
    const { tenant } = face.call.attributes
    const concerned = [face]
    if (outcome.side === 'target') {
      for (const member of this.#members) {
        const { call, joinedAt } = member
        if (member !== face && call.attributes.tenant === tenant && joinedAt <= began) concerned.push(member)
      }
    }
    if (this.#members.has(face)) face.pay(this.#state!)
    for (const member of concerned) this.#take(member).settle(outcome)
    if (this.#members.size === 0) this.#close()
  }

  async #opened(reply: Reply<T>, face: Member<T>): Promise<void> {
    const parts = face.call.host.parts(reply.value)
    if (parts.kind === 'stream') return this.#share(reply, parts, face)
    const end = await reply.end
    this.#options.keep(reply, end, [])
    this.#close()
    const [payer, ...others] = this.#members
    this.#members.clear()
    if (payer === undefined) {
      this.#state!.lost.push({ usage: end.usage, costUsd: end.costUsd })
      return this.#end({ kind: 'aborted', reason: this.#controller.signal.reason })
    }
    payer.pay(this.#state!)
    payer.settle({ kind: 'ok', reply: payer === face ? reply : joined(reply) })
    // Copied before anyone goes on who may change it.
    for (const member of others) {
      this.#settleOrAlone(member, () => {
        member.call.state.firstContentAt = this.#options.now()
        const value = member.call.host.copy(reply.value)
        return { kind: 'ok', reply: { ...joined(reply), value, end: Promise.resolve(unbilled(end)) } }
      })
    }
  }

  #share(
    reply: Reply<T>,
    parts: Extract<ReturnType<Call<T>['host']['parts']>, { kind: 'stream' }>,
    face: Member<T>,
  ): void {
    const { keep, maxBytes, now } = this.#options
    const shared = new SharedStream({
      source: parts.source,
      bytesOf: (part) => PART_BYTES + (parts.info(part).bytes ?? 0),
      maxBytes,
      onDone: async (read) => {
        const end = await reply.end
        if (read !== undefined) keep(reply, end, read)
        this.#close()
      },
      onBroken: () => this.#close(),
    })
    let over: End | undefined
    const deliver = (member: Member<T>): void => {
      const source = shared.reader({
        copy: (part) => (parts.copy === undefined ? part : parts.copy(part)),
        signal: member.call.signal,
        onLeft: () => this.#stoppedReading(member),
      })
      member.call.state.firstContentAt ??= now()
      if (over !== undefined) member.settleEnd(unbilled(over))
      const own = member === face ? reply : joined(reply)
      member.settle({ kind: 'ok', reply: { ...own, value: parts.value(source), end: member.end } })
    }
    this.#stream = { shared, deliver }
    for (const member of this.#members) deliver(member)
    const isUnread = this.#members.size === 0
    // It opened as its last caller left.
    if (isUnread) void parts.source.return?.()
    void reply.end.then((end) => {
      over = end
      if (isUnread) {
        this.#state!.lost.push({ usage: end.usage, costUsd: end.costUsd })
        return this.#end({ kind: 'aborted', reason: this.#controller.signal.reason })
      }
      const [first, ...others] = this.#members
      const payer = first ?? this.#lastLeft
      payer?.pay(this.#state!)
      payer?.settleEnd(end)
      for (const member of others) member.settleEnd(unbilled(end))
    })
  }

  #abort(member: Member<T>, reason: unknown): void {
    this.#take(member)
    const isLast = this.#members.size === 0
    if (isLast) this.#leaveEmpty(member, reason)
    // The last one's call is told as it comes out: what it has cost is its to account for.
    if (!isLast || !this.#isCalling) member.settle({ kind: 'aborted', reason })
  }

  #stoppedReading(member: Member<T>): void {
    this.#take(member)
    if (this.#members.size === 0) this.#leaveEmpty(member, undefined)
    else member.settleEnd(unbilled({ how: 'aborted' }))
  }

  #leaveEmpty(member: Member<T>, reason: unknown): void {
    this.#lastLeft = member
    this.#close()
    if (this.#stream === undefined) this.#controller.abort(reason)
  }

  #tooLate(member: Member<T>): void {
    if (this.sent || !this.#members.has(member)) return
    this.#take(member)
    const waitedMs = this.#options.now() - member.call.state.startedAt
    const error = new PlimsollError({
      code: 'deadline-exceeded',
      message: `The call's deadline passed after ${Math.round(waitedMs)} ms of waiting with others for one answer.`,
    })
    if (this.#members.size === 0) this.#leaveEmpty(member, error)
    member.settle({ kind: 'rejected', side: 'target', by: 'reuse', error })
  }

  /** It was no answer: everyone gets it. */
  #end(outcome: Outcome<T>): void {
    this.#close()
    const members = [...this.#members]
    this.#members.clear()
    const payer = members[0] ?? this.#lastLeft
    if (this.#state !== undefined) payer?.pay(this.#state)
    payer?.settle(outcome)
    for (const member of members) member.settle(outcome)
  }

  #settleOrAlone(member: Member<T>, outcomeOf: () => Outcome<T> | undefined): void {
    try {
      const outcome = outcomeOf()
      if (outcome !== undefined) return member.settle(outcome)
    } catch {
      // An answer that cannot be copied is had anew.
    }
    const { call } = this.#options
    void member
      .within(() => call(member.call))
      .then(
        (outcome) => member.settle(outcome),
        (error: unknown) => member.settle({ kind: 'failed', failure: { class: 'invalid-request' }, error }),
      )
  }

  #take(member: Member<T>): Member<T> {
    this.#members.delete(member)
    this.#untimed.delete(member)
    return member
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.onClosed()
  }
}

function joined<T>(reply: Reply<T>): Reply<T> {
  return { ...reply, marks: { ...reply.marks, cache: 'joined' } }
}

/** What a part takes beside the text it carries. */
const PART_BYTES = 64

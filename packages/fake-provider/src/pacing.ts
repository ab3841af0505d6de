import type { Exchange } from './http/exchange.ts'

/** At most this often does a stream send: hundreds of them have to fit on one core. */
const CHUNK_EVERY_MS = 40

/** Timers may fire this much early. */
const EARLY_MS = 1

export interface PacePlan {
  ttftMs: number
  tokensPerSecond: number
  tokens: number
  /** Whether anybody watches tokens come; if not, one timer for the whole answer does. */
  watched: boolean
  now(): number
}

export interface PaceEvents {
  /** The first token is there; called again after a hold made from within. */
  onFirst(): void
  /** Tokens `from` up to `to` have been generated. */
  onTokens(from: number, to: number): void
  /** All are; called again after a hold made from within. */
  onEnd(): void
}

/** Generates an answer's tokens at their rate, on a schedule that late timers do not shift. */
export class Pace {
  readonly #exchange: Exchange
  readonly #plan: PacePlan
  readonly #events: PaceEvents
  #firstAt: number
  #sent = 0
  #stopped = false
  #begun = false

  constructor(exchange: Exchange, plan: PacePlan, events: PaceEvents) {
    this.#exchange = exchange
    this.#plan = plan
    this.#events = events
    this.#firstAt = plan.now() + plan.ttftMs
  }

  start(): void {
    this.#wait()
  }

  /** Everything that is still to come comes this much later; never, when Infinity. */
  hold(ms: number): void {
    if (ms === Infinity) this.#stopped = true
    else this.#firstAt += ms
  }

  get #endAt(): number {
    return this.#firstAt + (this.#plan.tokens / this.#plan.tokensPerSecond) * 1000
  }

  #wait(): void {
    const until = this.#plan.watched ? this.#firstAt : this.#endAt
    this.#exchange.later(until - this.#plan.now(), this.#step)
  }

  readonly #step = (): void => {
    if (!this.#begun && !this.#begin()) return
    // Asked once a step: time goes on while tokens are written, and none may be left behind at the end.
    const end = this.#endAt
    const ended = this.#plan.now() + EARLY_MS >= end
    const due = ended ? this.#plan.tokens : this.#due()
    if (due > this.#sent) {
      const from = this.#sent
      this.#sent = due
      this.#events.onTokens(from, due)
    }
    // A hold made on the way has moved the end.
    if (!this.#stopped && ended && this.#endAt === end) this.#events.onEnd()
    if (!this.#stopped && !(ended && this.#endAt === end)) this.#scheduleNext()
  }

  /** Whether it begins with this step. A hold puts it off to another, which may run within this one. */
  #begin(): boolean {
    const planned = this.#firstAt
    this.#events.onFirst()
    if (this.#stopped) return false
    if (planned !== this.#firstAt) {
      this.#wait()
      return false
    }
    this.#begun = true
    return true
  }

  #due(): number {
    const { tokens, tokensPerSecond, now } = this.#plan
    return Math.min(tokens, Math.max(1, Math.floor(((now() - this.#firstAt) * tokensPerSecond) / 1000)))
  }

  #scheduleNext(): void {
    const { tokensPerSecond, now } = this.#plan
    const nextToken = this.#firstAt + ((this.#sent + 1) / tokensPerSecond) * 1000
    const at = Math.min(this.#endAt, Math.max(now() + CHUNK_EVERY_MS, nextToken))
    this.#exchange.later(Math.max(1, at - now()), () => this.#exchange.whenWritable(this.#step))
  }
}

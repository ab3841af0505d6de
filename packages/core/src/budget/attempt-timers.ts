import type { Timeouts } from '../call/timeouts.ts'
import type { Cancel, Clock } from '../time/clock.ts'

export interface AttemptTimersOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly timeouts: Timeouts
  /** Its answer comes in parts. */
  readonly isStream: boolean
  /** When the call that it is part of must have been answered. */
  readonly callEndsAt: number
  readonly onTimeout: (error: unknown) => void
}

/**
 * The time that one attempt is given: until its answer is there, and then, for a stream, between one part with content and
 * the next. The second is counted only while somebody waits for a part: a slow reader is no fault of the provider's.
 */
export class AttemptTimers {
  readonly #options: AttemptTimersOptions
  #cancelOpening: Cancel | undefined
  #isOpen = false
  /** Of `betweenChunksMs`, what is left until the next content. */
  #leftMs: number
  #waitingSince: number | undefined
  #cancelBetween: Cancel | undefined

  constructor(options: AttemptTimersOptions) {
    this.#options = options
    const { timeouts, isStream, callEndsAt, now } = options
    const { attemptMs = Infinity, firstContentMs = Infinity, betweenChunksMs = Infinity } = timeouts
    this.#leftMs = betweenChunksMs
    const callMs = callEndsAt === Infinity ? Infinity : callEndsAt - now()
    const openingMs = isStream ? firstContentMs : Infinity
    const ms = Math.min(attemptMs, openingMs, callMs)
    const name = ms === attemptMs ? 'attemptMs' : ms === openingMs ? 'firstContentMs' : 'callMs'
    this.#cancelOpening = this.#set(ms, () => `no ${isStream ? 'content' : 'answer'} within \`${name}\``)
  }

  /** Somebody waits for a part. */
  waiting(): void {
    if (!this.#isOpen || this.#leftMs === Infinity || this.#waitingSince !== undefined) return
    this.#waitingSince = this.#options.now()
    this.#cancelBetween = this.#set(this.#leftMs, () => 'nothing more within `betweenChunksMs`')
  }

  /** A part came, perhaps one that says nothing. */
  arrived(): void {
    if (this.#waitingSince === undefined) return
    this.#leftMs -= this.#options.now() - this.#waitingSince
    this.#waitingSince = undefined
    this.#cancelBetween?.()
  }

  /** A part with content came, or the whole answer. */
  content(): void {
    this.#cancelOpening?.()
    this.#isOpen = true
    this.#leftMs = this.#options.timeouts.betweenChunksMs ?? Infinity
  }

  /** It is over. */
  clear(): void {
    this.#cancelOpening?.()
    this.#cancelBetween?.()
  }

  #set(ms: number, what: () => string): Cancel | undefined {
    if (ms === Infinity) return undefined
    const { clock, onTimeout } = this.#options
    return clock.timer(ms, () => {
      this.clear()
      onTimeout(new DOMException(`The provider sent ${what()}.`, 'TimeoutError'))
    })
  }
}

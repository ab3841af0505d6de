import type { Outcome } from '../call/outcome.ts'
import type { AnswerTo, LeadAnswer, LeadOp, Store } from '../store/port.ts'
import type { Cancel, Clock } from '../time/clock.ts'

/** What is not told again runs out after this: so long do others wait for a process that died. */
export const CLAIM_MS = 5_000
/** While there is something to wait for it is told again after as long. */
const EXTEND_MS = CLAIM_MS / 3
/** So long others hear that a call is over. They may have looked for its answer just before it was there. */
const OVER_MS = 2_000

/** Of one process. */
let lastHolder = 0

export interface ClaimOptions {
  readonly store: Store
  readonly clock: Clock
  readonly now: () => number
  readonly key: string
  /** How urgent the call is, 0 the highest: it yields to one that is more so. */
  readonly rank: () => number
  /** How long it waits for the store. */
  readonly deadlineMs: number
  /** How long its answer is any good to others. */
  readonly goodForMs: number
  /** What is told to the store, and to be waited for by nobody but the last one out. */
  readonly onTold: (told: Promise<void>) => void
}

/**
 * The right to call for all processes, asked for by one flight: kept for as long as there may come something of its call,
 * and given up once its answer is where the others find it.
 */
export class Claim {
  readonly #options: ClaimOptions
  readonly #holder = ++lastHolder
  #held = false
  #released = false
  #extension: Cancel | undefined
  /** Whether whoever waits has nothing more to expect of it: the next one is not to wait as well. */
  #over = false
  #stored: Promise<unknown> | undefined

  constructor(options: ClaimOptions) {
    this.#options = options
  }

  /** Who calls; `undefined` where nobody said so in time. Never rejects. */
  ask(): Promise<LeadAnswer | undefined> {
    return new Promise((resolve) => {
      const { clock, deadlineMs, onTold } = this.#options
      let isLate = false
      const cancel = clock.timer(deadlineMs, () => {
        isLate = true
        resolve(undefined)
      })
      this.#send((answer) => {
        cancel()
        if (answer.kind === 'leads') {
          this.#held = true
          // Nobody would know of it.
          if (isLate || this.#released) onTold(this.#giveUp())
          else this.#extendLater()
        }
        resolve(answer.kind === 'failure' ? undefined : answer)
      })
    })
  }

  /** What has come of the call. A refusal is its caller's own: another may have better luck. */
  async hears<T>(outcome: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const came = await outcome
    if (came.kind === 'failed') this.#over = true
    if (came.kind === 'ok') {
      void came.reply.end.then(({ how }) => {
        this.#over = how !== 'aborted'
        // Nothing is kept of it, and nobody may ever read on.
        if (how !== 'finished') this.release()
      })
    }
    return came
  }

  /** The answer is on its way to the others. `stored` must not reject. */
  kept(stored: Promise<unknown>): void {
    this.#stored = stored
  }

  /** Nothing more will come of it. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#extension?.()
    if (!this.#held) return
    this.#options.onTold(this.#stored?.then(() => this.#giveUp()) ?? this.#giveUp())
  }

  #extendLater(): void {
    const { clock } = this.#options
    // What it is for keeps the process alive, if anything does.
    this.#extension = clock.timer(EXTEND_MS, () => this.#extend(), true)
  }

  #extend(): void {
    this.#send(({ kind }) => {
      if (this.#released) return
      if (kind === 'leads' || kind === 'failure') this.#extendLater()
      else this.#held = false
    })
  }

  #send(done: (answer: AnswerTo<LeadOp>) => void): void {
    const { store, key, rank, now } = this.#options
    store.send({ type: 'lead', key, holder: this.#holder, rank: rank(), ttlMs: CLAIM_MS }, now(), done)
  }

  #giveUp(): Promise<void> {
    const { store, key, now, goodForMs } = this.#options
    this.#held = false
    const overMs = this.#over ? Math.min(OVER_MS, goodForMs) : 0
    return new Promise((resolve) => {
      store.send({ type: 'unlead', key, holder: this.#holder, overMs }, now(), () => resolve())
    })
  }
}

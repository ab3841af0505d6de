import type { Store } from '../store/port.ts'
import type { Clock } from '../time/clock.ts'
import type { Answers, Kept } from './answers.ts'
import type { TaskCache } from './cache-config.ts'
import { Claim, CLAIM_MS } from './claim.ts'
import type { ClaimOptions } from './claim.ts'
import type { Levels } from './levels.ts'
import { News } from './news.ts'

/** Nobody asks more often than this who leads, unless there is news. */
const ASK_AGAIN_MS = 500

export interface LeadersOptions {
  readonly store: Store
  readonly clock: Clock
  readonly now: () => number
  readonly deadlineMs: number
  readonly levels: Levels
  readonly answers: Answers
}

export interface Follow {
  readonly key: string
  readonly cache: TaskCache
  /** Whether it may wait for another, who may be waiting for what it holds. */
  readonly waits: boolean
  readonly signal: AbortSignal
}

/** Who, among all processes that ask the same, calls for the others; and the waiting of those others. */
export class Leaders {
  readonly #options: LeadersOptions
  readonly #news: News
  readonly #unwatch: (() => void) | undefined
  readonly #telling = new Set<Promise<void>>()
  #closed = false

  constructor(options: LeadersOptions) {
    this.#options = options
    this.#news = new News(options.clock)
    this.#unwatch = options.store.watch?.({
      freed: (keys) => this.#news.tell(keys),
      lost: () => this.#news.tellAll(),
      regained: () => {},
    })
  }

  claim(own: Pick<ClaimOptions, 'key' | 'rank' | 'goodForMs'>): Claim {
    return new Claim({
      ...this.#options,
      ...own,
      onTold: (told) => {
        this.#telling.add(told)
        void told.then(() => this.#telling.delete(told))
      },
    })
  }

  /**
   * Waits for whoever leads, as often as it takes. Resolves with the answer, or with nothing: then it is to be called here,
   * be it that the claim is held or that there is nothing to wait for.
   */
  async follow(claim: Claim, { key, cache, waits, signal }: Follow): Promise<Kept | undefined> {
    // Where the cache does not work there is nothing to be found.
    while (!this.#closed && !signal.aborted && this.#options.levels.isShared) {
      // Before it asks: what is told meanwhile is not missed.
      const listener = this.#news.listen(key)
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await claim.ask()
        if (answer?.kind === 'over') return await this.#look(key, cache)
        if (answer?.kind !== 'follows' || !waits) return undefined
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await listener.wait(restMs(answer.untilMs), signal)
      } finally {
        listener.stop()
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const kept = await this.#look(key, cache)
      if (kept !== undefined) return kept
    }
    return undefined
  }

  /** Resolves when the store has been told of all that is given up. */
  async idle(): Promise<void> {
    await Promise.all(this.#telling)
  }

  /** Nobody waits for others any more. */
  close(): void {
    this.#closed = true
    this.#unwatch?.()
    this.#news.tellAll()
  }

  async #look(key: string, cache: TaskCache): Promise<Kept | undefined> {
    const { answers } = this.#options
    const here = answers.inMemory(key, cache)
    const kept = here?.kind === 'fresh' ? here : await answers.inStore(key, cache)
    return kept?.kind === 'fresh' ? { ...kept, joined: true } : undefined
  }
}

/** Until the claim of whoever leads has run out, by what the store says. */
function restMs(untilMs: number): number {
  return untilMs > ASK_AGAIN_MS ? Math.min(untilMs, CLAIM_MS) : ASK_AGAIN_MS
}

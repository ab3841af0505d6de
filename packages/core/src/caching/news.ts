import type { Clock } from '../time/clock.ts'

/** Hears of one key, from when it was made. */
export interface Listener {
  /** Resolves when there was news, when so long has passed, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  stop(): void
}

/** Who waits for news of which key. */
export class News {
  readonly #clock: Pick<Clock, 'timer'>
  readonly #told = new Map<string, Set<() => void>>()

  constructor(clock: Pick<Clock, 'timer'>) {
    this.#clock = clock
  }

  listen(key: string): Listener {
    const news = Promise.withResolvers<void>()
    const all = this.#told.get(key) ?? new Set()
    this.#told.set(key, all.add(news.resolve))
    return {
      wait: async (ms, signal) => {
        if (signal.aborted) return
        const wake = (): void => news.resolve()
        const cancel = this.#clock.timer(ms, wake)
        signal.addEventListener('abort', wake, { once: true })
        await news.promise
        cancel()
        signal.removeEventListener('abort', wake)
      },
      stop: () => {
        all.delete(news.resolve)
        if (all.size === 0 && this.#told.get(key) === all) this.#told.delete(key)
      },
    }
  }

  tell(keys: Iterable<string>): void {
    if (this.#told.size === 0) return
    for (const key of keys) for (const tell of this.#told.get(key) ?? []) tell()
  }

  tellAll(): void {
    this.tell(this.#told.keys())
  }
}

import type { Clock } from './clock.ts'

export interface Within {
  readonly clock: Pick<Clock, 'timer'>
  /** Milliseconds; `Infinity` for no limit. */
  readonly ms: number
  readonly signal?: AbortSignal | undefined
}

/** How work came out for which only so much time was. */
export type Timed<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted'; readonly reason: unknown }

/**
 * Waits for `work` no longer than it may take, and no longer than the signal allows, whatever the work itself does.
 * Never rejects. What comes of it later is dropped.
 */
export function within<T>(work: () => T | PromiseLike<T>, { clock, ms, signal }: Within): Promise<Timed<T>> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve({ kind: 'aborted', reason: signal.reason })
    const end = (timed: Timed<T>): void => {
      cancel?.()
      signal?.removeEventListener('abort', leave)
      resolve(timed)
    }
    const leave = (): void => end({ kind: 'aborted', reason: signal?.reason })
    signal?.addEventListener('abort', leave, { once: true })
    const cancel = Number.isFinite(ms) ? clock.timer(ms, () => end({ kind: 'timeout' })) : undefined
    started(work).then(
      (value) => end({ kind: 'done', value }),
      (error: unknown) => end({ kind: 'threw', error }),
    )
  })
}

/** In an async function, so that what is thrown at once is rejected as what is thrown later. */
async function started<T>(work: () => T | PromiseLike<T>): Promise<T> {
  return work()
}

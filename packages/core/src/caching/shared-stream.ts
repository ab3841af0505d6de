/** A part that was read, and the ones after it. */
interface Node {
  part: unknown
  next: Node | undefined
}

export interface SharedStreamOptions {
  readonly source: AsyncIterator<unknown>
  /** About how large a part is. */
  readonly bytesOf: (part: unknown) => number
  /** More than this is not kept from its start. */
  readonly maxBytes: number
  /** It came to its end by itself; waited for before its readers are told. `parts` unless they were too many to keep. */
  readonly onDone: (parts: readonly unknown[] | undefined) => Promise<void>
  /** It broke, or nobody reads it any more. */
  readonly onBroken: () => void
}

export interface ReaderOptions {
  /** An own copy of a part: what others read stays as it is. */
  readonly copy: (part: unknown) => unknown
  readonly signal: AbortSignal | undefined
  /** It reads no more, though there was more to come. */
  readonly onLeft: (reason: unknown) => void
}

const DONE = { done: true, value: undefined } as const

/**
 * One stream, read by many, each from its start and at its own pace. Nothing is read from the source that nobody asked for.
 * A part is kept as long as a reader is before it; all are, while somebody may still join.
 */
export class SharedStream {
  readonly #options: SharedStreamOptions
  /** The one before the first; absent once the start is not kept. */
  #start: Node | undefined
  #last: Node
  #bytes = 0
  #readers = 0
  #over = false
  #error: { readonly reason: unknown } | undefined
  #pulling: Promise<void> | undefined

  constructor(options: SharedStreamOptions) {
    this.#options = options
    this.#start = { part: undefined, next: undefined }
    this.#last = this.#start
  }

  /** Whether one that joins now would get it whole. */
  get joinable(): boolean {
    return this.#start !== undefined && !this.#over
  }

  reader({ copy, signal, onLeft }: ReaderOptions): AsyncIterator<unknown> {
    let node = this.#start
    const waiting = new Set<() => void>()
    this.#readers++
    const stop = (): void => {
      node = undefined
      signal?.removeEventListener('abort', onAbort)
      for (const wake of waiting) wake()
    }
    const leave = (reason: unknown): void => {
      if (node === undefined) return
      stop()
      this.#readers--
      onLeft(reason)
      if (this.#readers === 0) this.#cancel(reason)
    }
    const onAbort = (): void => leave(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
    let finished = false
    return {
      next: async () => {
        for (;;) {
          if (node === undefined) {
            if (!finished) signal?.throwIfAborted()
            return DONE
          }
          if (node.next !== undefined) {
            node = node.next
            return { done: false, value: copy(node.part) }
          }
          if (this.#over) {
            finished = true
            stop()
            if (this.#error !== undefined) throw this.#error.reason
            return DONE
          }
          // oxlint-disable-next-line no-await-in-loop -- the next part is what it waits for
          await new Promise<void>((resolve) => {
            waiting.add(resolve)
            void this.#pull().then(() => {
              waiting.delete(resolve)
              resolve()
            })
          })
        }
      },
      return: async (reason?: unknown) => {
        finished = true
        leave(reason)
        return DONE
      },
    }
  }

  #pull(): Promise<void> {
    this.#pulling ??= this.#take().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #take(): Promise<void> {
    try {
      const { done, value } = await this.#options.source.next()
      if (this.#over) return
      if (done === true) return await this.#end()
      this.#append(value)
    } catch (error) {
      if (this.#over) return
      this.#over = true
      this.#error = { reason: error }
      this.#start = undefined
      this.#options.onBroken()
    }
  }

  #append(part: unknown): void {
    const node: Node = { part, next: undefined }
    this.#last.next = node
    this.#last = node
    this.#bytes += this.#options.bytesOf(part)
    // What is kept for later is bounded; what is between the slowest and the fastest reader is their own.
    if (this.#bytes > this.#options.maxBytes) this.#start = undefined
  }

  async #end(): Promise<void> {
    const parts = this.#start && partsAfter(this.#start)
    // Still joinable while it is written: whoever comes then must find one or the other.
    await this.#options.onDone(parts)
    this.#over = true
    this.#start = undefined
  }

  #cancel(reason: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#start = undefined
    this.#options.onBroken()
    Promise.resolve(this.#options.source.return?.(reason)).catch(() => {})
  }
}

function partsAfter(start: Node): unknown[] {
  const parts: unknown[] = []
  for (let node = start.next; node !== undefined; node = node.next) parts.push(node.part)
  return parts
}

import type { Finish, PartInfo, Parts } from '../call/host.ts'
import type { Usage } from '../call/usage.ts'
import { isKnown } from '../call/usage.ts'

/** How a followed stream ended, and what was seen of it. */
export interface Followed {
  readonly how: 'finished' | 'interrupted' | 'aborted' | 'failed' | 'abandoned'
  readonly usage: Usage | undefined
  readonly finish: Finish | undefined
  readonly error: unknown
  /** About how many bytes of answer came. */
  readonly bytes: number
}

export interface FollowOptions {
  readonly signal: AbortSignal
  /** A part came from the provider. */
  readonly onPart: () => void
  readonly onFirstContent: () => void
  /** Called once. */
  readonly onEnd: (followed: Followed) => void
}

type Stream<T> = Extract<Parts<T>, { kind: 'stream' }>

/**
 * Watches a stream pass by. Nothing is read that nobody asked for, save what comes before the first content: an answer
 * is only handed on once it has really begun, so that one that fails earlier can still be had from elsewhere.
 */
export class FollowedStream<T> {
  readonly #stream: Stream<T>
  readonly #options: FollowOptions
  #held: unknown[] = []
  #sourceDone = false
  #pulling = false
  #ended = false
  #usage: Usage | undefined
  #finish: Finish | undefined
  #error: unknown
  #bytes = 0
  /** Fails the pull that is under way, if there is one. */
  #failPull: ((reason: unknown) => void) | undefined

  constructor(stream: Stream<T>, options: FollowOptions) {
    this.#stream = stream
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Somebody waits for the next part: the stream is not abandoned, however long it is silent. */
  get pulling(): boolean {
    return this.#pulling
  }

  /**
   * Reads up to the first content. Rejects with what went wrong before it, an error that the provider sent in-band
   * included; the stream is over then.
   */
  async open(): Promise<T> {
    for (;;) {
      const part = await this.#pull()
      if (part.done === true) break
      this.#held.push(part.value)
      const info = this.#stream.info(part.value)
      if (this.#error !== undefined) {
        this.#end('failed')
        await this.#cancelSource(this.#error)
        throw this.#error
      }
      if (info.content === true || info.finish !== undefined) break
    }
    return this.#stream.value(this.#handOn())
  }

  /** Ends it from outside: its lease ran out. */
  abandon(): void {
    this.#end('abandoned')
    void this.#cancelSource(undefined)
  }

  #handOn(): AsyncIterator<unknown> {
    return {
      next: async () => {
        this.#options.signal.throwIfAborted()
        if (this.#held.length > 0) return { done: false, value: this.#held.shift() }
        if (this.#sourceDone) return { done: true, value: undefined }
        return this.#pull()
      },
      return: async (reason?: unknown) => {
        this.#held = []
        this.#end('aborted')
        await this.#cancelSource(reason)
        return { done: true, value: undefined }
      },
    }
  }

  async #pull(): Promise<IteratorResult<unknown>> {
    this.#pulling = true
    try {
      const part = await this.#next()
      this.#options.onPart()
      if (part.done === true) {
        this.#sourceDone = true
        this.#end(this.#error === undefined ? 'interrupted' : 'failed')
      } else {
        this.#see(this.#stream.info(part.value))
      }
      return part
    } catch (error) {
      this.#sourceDone = true
      if (!this.#options.signal.aborted) this.#error ??= error
      this.#end(this.#options.signal.aborted ? 'aborted' : 'failed')
      throw error
    } finally {
      this.#pulling = false
    }
  }

  /** The source's next part, or the abort's reason, whichever is first: a source may not listen to its signal. */
  #next(): Promise<IteratorResult<unknown>> {
    const { signal } = this.#options
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      this.#failPull = reject
      this.#stream.source.next().then(resolve, reject)
    })
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#options.signal
    this.#failPull?.(reason)
    this.#end('aborted')
    void this.#cancelSource(reason)
  }

  #see(info: PartInfo): void {
    if (info.content === true) this.#options.onFirstContent()
    if (info.bytes !== undefined) this.#bytes += info.bytes
    if (info.usage !== undefined) this.#usage = { ...this.#usage, ...info.usage }
    if (info.error !== undefined) this.#error = info.error
    if (info.finish === undefined) return
    this.#finish = info.finish
    // The provider is done and has said what it cost: nobody need read the rest for that.
    if (info.finish === 'interrupted') this.#end('interrupted')
    else this.#end(info.finish === 'error' || this.#error !== undefined ? 'failed' : 'finished')
  }

  #end(how: Followed['how']): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    const usage = isKnown(this.#usage) ? this.#usage : undefined
    this.#options.onEnd({ how, usage, finish: this.#finish, error: this.#error, bytes: this.#bytes })
  }

  async #cancelSource(reason: unknown): Promise<void> {
    this.#sourceDone = true
    try {
      await this.#stream.source.return?.(reason)
    } catch {
      // It is over either way, and nobody is left whom its failure to stop concerns.
    }
  }
}

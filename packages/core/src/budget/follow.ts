import type { Finish, PartInfo, Parts } from '../call/host.ts'
import type { Usage } from '../call/usage.ts'
import { cleanUsage, isKnown } from '../call/usage.ts'

/** How a followed stream ended, and what was seen of it. */
export interface Followed {
  readonly how: 'finished' | 'interrupted' | 'aborted' | 'failed' | 'abandoned'
  /** What the provider said in the end; what it said on the way is no more than a beginning. */
  readonly usage: Usage | undefined
  readonly finish: Finish | undefined
  readonly error: unknown
  /** About how many bytes of answer came. */
  readonly bytes: number
}

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Somebody waits for a part. */
  readonly onPull: () => void
  /** A part came from the provider, whatever is in it. */
  readonly onPart: () => void
  /** There is content in it. */
  readonly onContent: () => void
  /** Called once. */
  readonly onEnd: (followed: Followed) => void
}

type Stream<T> = Extract<Parts<T>, { kind: 'stream' }>
type Part = IteratorResult<unknown>

/** A part that was asked for and has not come. */
interface Pull {
  resolve(part: Part): void
  reject(reason: unknown): void
}

const DONE: Part = { done: true, value: undefined }

/**
 * Watches a stream pass by. Nothing is read that nobody asked for, save what comes before the first content: an answer
 * is only handed on once it has really begun, so that one that fails earlier can still be had from elsewhere.
 */
export class FollowedStream<T> {
  readonly #stream: Stream<T>
  readonly #options: FollowOptions
  readonly #pulls = new Set<Pull>()
  #held: unknown[] = []
  #sourceDone = false
  #left = false
  #ended = false
  #usage: Usage | undefined
  #finish: Finish | undefined
  #error: unknown
  #bytes = 0

  constructor(stream: Stream<T>, options: FollowOptions) {
    this.#stream = stream
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Somebody waits for the next part: the stream is not abandoned, however long it is silent. */
  get pulling(): boolean {
    return this.#pulls.size > 0
  }

  /**
   * Reads up to the first content. Rejects with what went wrong before it, an error that the provider sent in-band
   * included; the stream is over then.
   */
  async open(): Promise<T> {
    try {
      for (;;) {
        const part = await this.#pull()
        if (part.done === true) break
        this.#held.push(part.value)
        if (this.#error !== undefined) throw this.#error
        const info = this.#stream.info(part.value)
        if (info.content === true || info.finish !== undefined) break
      }
      return this.#stream.value(this.#handOn())
    } catch (error) {
      this.#error ??= error
      this.#end(this.#options.signal.aborted ? 'aborted' : 'failed')
      this.#cancelSource(error)
      throw error
    }
  }

  /** Ends it from outside: its lease ran out. */
  abandon(): void {
    this.#end('abandoned')
    this.#cancelSource(undefined)
  }

  /** Ends it from outside: the provider took too long. */
  fail(error: unknown): void {
    this.#error ??= error
    this.#end('failed')
    for (const pull of this.#pulls) pull.reject(error)
    this.#cancelSource(error)
  }

  #handOn(): AsyncIterator<unknown> {
    return {
      next: async () => {
        if (this.#left) return DONE
        this.#options.signal.throwIfAborted()
        if (this.#held.length > 0) return { done: false, value: this.#held.shift() }
        return this.#sourceDone ? DONE : this.#pull()
      },
      return: async (reason?: unknown) => {
        this.#left = true
        this.#held = []
        for (const pull of this.#pulls) pull.resolve(DONE)
        this.#end('aborted')
        // Not waited for: a provider that is silent may never say that it has stopped.
        this.#cancelSource(reason)
        return DONE
      },
    }
  }

  async #pull(): Promise<Part> {
    try {
      const part = await this.#next()
      if (this.#left) return DONE
      this.#options.onPart()
      if (part.done === true) {
        this.#sourceDone = true
        this.#end(this.#error === undefined ? 'interrupted' : 'failed')
      } else {
        this.#see(this.#stream.info(part.value))
      }
      if (this.pulling) this.#options.onPull()
      return part
    } catch (error) {
      if (!this.#options.signal.aborted) this.#error ??= error
      this.#end(this.#options.signal.aborted ? 'aborted' : 'failed')
      this.#cancelSource(error)
      throw error
    }
  }

  /** The source's next part, or the abort's reason, whichever is first: a source may not listen to its signal. */
  #next(): Promise<Part> {
    const { signal } = this.#options
    return new Promise<Part>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const pull: Pull = {
        resolve: (part) => {
          this.#pulls.delete(pull)
          resolve(part)
        },
        reject: (reason) => {
          this.#pulls.delete(pull)
          reject(reason)
        },
      }
      this.#pulls.add(pull)
      this.#options.onPull()
      this.#stream.source.next().then(pull.resolve, pull.reject)
    })
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#options.signal
    for (const pull of this.#pulls) pull.reject(reason)
    this.#end('aborted')
    this.#cancelSource(reason)
  }

  #see(info: PartInfo): void {
    if (info.content === true) this.#options.onContent()
    if (info.bytes !== undefined) this.#bytes += info.bytes
    if (info.usage !== undefined) this.#usage = { ...this.#usage, ...cleanUsage(info.usage) }
    if (info.error !== undefined) this.#error = info.error
    if (info.finish === undefined) return
    this.#finish = info.finish
    if (info.finish === 'error')
      this.#error ??= new Error('The provider ended its answer with an error and did not say which.')
    // The provider is done and has said what it cost: nobody need read the rest for that.
    if (info.finish === 'interrupted') this.#end('interrupted')
    else this.#end(this.#error === undefined ? 'finished' : 'failed')
  }

  #end(how: Followed['how']): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    const isWhole = this.#finish !== undefined && this.#finish !== 'interrupted'
    const usage = isWhole && isKnown(this.#usage) ? this.#usage : undefined
    this.#options.onEnd({ how, usage, finish: this.#finish, error: this.#error, bytes: this.#bytes })
  }

  #cancelSource(reason: unknown): void {
    if (this.#sourceDone) return
    this.#sourceDone = true
    // It is over either way, and nobody is left whom its failure to stop concerns.
    Promise.resolve(this.#stream.source.return?.(reason)).catch(() => {})
  }
}

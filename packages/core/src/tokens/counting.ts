import type { Worker } from 'node:worker_threads'
import type { Encoding } from './encoding.ts'
import { loadTable } from './load-table.ts'
import type { RankTable } from './rank-table.ts'
import { type Slice, slices } from './slices.ts'
import { startWorker } from './workers.ts'

/** To the worker. */
export interface CountRequest extends Slice {
  readonly encoding: Encoding
  /** With the first request of an encoding. */
  readonly table: RankTable | undefined
  /** What was cut before belongs to another count. */
  readonly isFirst: boolean
}

/** From the worker, one for each request. */
export type CountReply = { readonly tokens: number } | { readonly error: unknown }

/** In characters. A turn of the event loop copies one: some 50 us. */
const SLICE = 262_144
/** In characters. Whoever leaves while so much is counted ends the worker: those behind are not to wait for it. */
const LONG = 2_097_152

interface Job {
  readonly texts: readonly string[]
  readonly encoding: Encoding
  left: boolean
  resolve(tokens: number): void
  reject(error: unknown): void
}

interface Thread {
  readonly worker: Worker
  /** What it has the tables of. */
  readonly encodings: Set<Encoding>
}

/** Counts in a thread of its own, one job after another. The thread is started when it is needed, and again if it ends. */
export class Counting {
  readonly #queue = new Set<Job>()
  #current: Job | undefined
  #thread: Thread | undefined

  /** Rejects with the signal's reason once that is aborted, and with what went wrong otherwise. */
  count(texts: readonly string[], encoding: Encoding, signal?: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        texts,
        encoding,
        left: false,
        resolve(tokens) {
          signal?.removeEventListener('abort', leave)
          resolve(tokens)
        },
        reject(error) {
          signal?.removeEventListener('abort', leave)
          reject(error)
        },
      }
      const leave = (): void => {
        job.left = true
        reject(signal?.reason)
        this.#abandon(job)
      }
      if (signal?.aborted === true) return leave()
      signal?.addEventListener('abort', leave, { once: true })
      this.#queue.add(job)
      void this.#work()
    })
  }

  async #work(): Promise<void> {
    if (this.#current !== undefined) return
    // Those that come meanwhile are gone through too.
    for (const job of this.#queue) {
      this.#queue.delete(job)
      this.#current = job
      try {
        job.resolve(await this.#run(job))
      } catch (error) {
        job.reject(error)
      }
    }
    this.#current = undefined
    this.#thread?.worker.unref()
  }

  #abandon(job: Job): void {
    this.#queue.delete(job)
    if (job !== this.#current) return
    let length = 0
    for (const text of job.texts) length += text.length
    if (length < LONG) return
    void this.#thread?.worker.terminate()
    // The next job starts another.
    this.#thread = undefined
  }

  async #run(job: Job): Promise<number> {
    const { texts, encoding } = job
    const { table, ref } = loadTable(encoding)
    ref()
    const [loaded, thread] = await Promise.all([table, this.#thread ?? this.#start()])
    thread.worker.ref()
    let tokens = 0
    let isFirst = true
    for (const slice of slices(texts, SLICE)) {
      if (job.left) break
      const known = thread.encodings.has(encoding)
      tokens += await this.#ask(thread, { ...slice, encoding, table: known ? undefined : loaded, isFirst })
      thread.encodings.add(encoding)
      isFirst = false
    }
    return tokens
  }

  async #start(): Promise<Thread> {
    const thread = {
      worker: await startWorker('count-worker', { name: 'plimsoll-count' }),
      encodings: new Set<Encoding>(),
    }
    this.#thread = thread
    // Whoever waits is told by the end of the worker; an error without a listener would end the process.
    thread.worker.on('error', () => {})
    thread.worker.once('exit', () => {
      if (this.#thread === thread) this.#thread = undefined
    })
    return thread
  }

  #ask(thread: Thread, request: CountRequest): Promise<number> {
    const { worker } = thread
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('The worker that counts tokens has ended.'))
      // It may have ended before it was asked.
      if (thread !== this.#thread) return ended()
      worker.once('exit', ended)
      worker.once('message', (reply: CountReply) => {
        worker.off('exit', ended)
        if ('tokens' in reply) resolve(reply.tokens)
        else reject(reply.error)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      worker.postMessage(request)
    })
  }
}

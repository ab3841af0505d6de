import { Worker } from 'node:worker_threads'
import type { SavedStore } from '@plimsoll/core/store'

export type FileRequest = { readonly type: 'write'; readonly changes: string } | { readonly type: 'close' }

export type FileReply =
  | { readonly type: 'opened'; readonly saved: SavedStore }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: unknown }

/** Where a store writes what has changed. */
export interface ChangesFile {
  /** JSON of `StoreChanges`: all of it is on disk when it resolves, or nothing when it rejects. One at a time. */
  write(changes: string): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  resolve(reply: FileReply): void
  reject(error: unknown): void
}

/** A file, and the thread that alone touches it. It keeps the process alive only while something is being written. */
export class FileThread implements ChangesFile {
  readonly #worker: Worker
  #waiting: Waiting | undefined
  #ended: unknown

  private constructor(path: string) {
    // Sources run as `.ts`, the package as `.js`; this file's own name says which.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const url = new URL(`./file-worker.${extension}`, import.meta.url)
    this.#worker = new Worker(url, { execArgv: [], name: 'plimsoll-file', workerData: { path } })
    this.#worker.on('message', (reply: FileReply) => {
      if (reply.type === 'failed') this.#take()?.reject(reply.error)
      else this.#take()?.resolve(reply)
    })
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error(`The thread that writes ${path} has ended.`)))
  }

  /** @throws {Error} that says what is in the way, and what mends it */
  static async open(path: string): Promise<{ file: FileThread; saved: SavedStore }> {
    const file = new FileThread(path)
    const opened = await file.#answered()
    return { file, saved: (opened as Extract<FileReply, { type: 'opened' }>).saved }
  }

  async write(changes: string): Promise<void> {
    await this.#asked({ type: 'write', changes })
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) await this.#asked({ type: 'close' })
  }

  #asked(request: FileRequest): Promise<FileReply> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    this.#worker.postMessage(request)
    return this.#answered()
  }

  #answered(): Promise<FileReply> {
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  #take(): Waiting | undefined {
    this.#worker.unref()
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  #end(error: unknown): void {
    this.#ended ??= error
    this.#take()?.reject(error)
  }
}

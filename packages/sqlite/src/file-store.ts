import type { AnswerTo, Clock, Done, Op, Store, StoreFailure, StoreWatcher } from '@plimsoll/core'
import type { MemoryStore } from '@plimsoll/core/store'
import type { ChangesFile } from './file-thread.ts'
import { unwritable } from './refusals.ts'

export interface FileStoreParts {
  readonly file: ChangesFile
  /** Resumed from what the file holds. */
  readonly memory: MemoryStore
  /** For messages. */
  readonly path: string
  readonly clock: Pick<Clock, 'timer'>
}

/** To be called when what was told is on disk. */
type Teller = (answer: StoreFailure | Done) => void

/** What is written at once, and who waits for it. */
interface Group {
  readonly changes: string
  tellers: readonly Teller[]
}

/** What changes within so long is written together. */
const GROUP_MS = 5
/** A file that could not be written to is tried again after this, then after twice as long each time, up to a second. */
const FIRST_TRY_MS = 50
const LAST_TRY_MS = 1_000
/** A disk that takes longer may never answer: nobody waits for it from then on. */
const SLOW_MS = 10_000

const DONE = { kind: 'done' } as const

/**
 * A store in memory whose changes follow it to a file, a group at a time. Questions are answered from memory at once; what
 * is told is done at once too, and acknowledged when it is on disk.
 */
export class FileStore implements Store {
  readonly #parts: FileStoreParts
  readonly #watchers = new Set<StoreWatcher>()
  #tellers: Teller[] = []
  /** Something may have changed since the last group was put together. */
  #isDue = false
  #cancelTimer: (() => void) | undefined
  #writing: Promise<void> | undefined
  /** Could not be written, and goes before all that came later. */
  #failed: Group | undefined
  #lostFor: unknown
  #ending: Promise<void> | undefined

  constructor(parts: FileStoreParts) {
    this.#parts = parts
  }

  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
    if (this.#ending !== undefined) return done({ kind: 'failure', error: this.#closed() } as AnswerTo<O>)
    this.#isDue = true
    this.#parts.memory.send(op, now, (answer) => {
      // What is answered is answered by memory; what is only done is done when it is on disk.
      if (answer.kind === 'done') this.#tell(done as Teller)
      else done(answer)
    })
    this.#soon()
  }

  watch(watcher: StoreWatcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /**
   * Writes what is left, and lets go of the file: another may open it then. Whatever is sent from here on fails.
   *
   * @throws {Error} when the rest could not be written
   */
  close(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #tell(teller: Teller): void {
    if (this.#failed === undefined) this.#tellers.push(teller)
    else fail([teller], this.#lostFor)
  }

  #soon(): void {
    const isBusy = this.#cancelTimer !== undefined || this.#writing !== undefined
    if (!this.#isDue || isBusy || this.#ending !== undefined) return
    this.#setTimer(GROUP_MS, false, () => {
      const group = this.#group()
      if (group !== undefined) this.#write(group, FIRST_TRY_MS)
    })
  }

  #setTimer(ms: number, background: boolean, fn: () => void): void {
    this.#cancelTimer = this.#parts.clock.timer(
      ms,
      () => {
        this.#cancelTimer = undefined
        fn()
      },
      background,
    )
  }

  /** Undefined where there is nothing to be written. */
  #group(): Group | undefined {
    this.#isDue = false
    const changes = this.#parts.memory.takeChanges()
    const tellers = this.#tellers
    this.#tellers = []
    if (changes !== undefined) return { changes: JSON.stringify(changes), tellers }
    succeed(tellers)
    return undefined
  }

  #write(group: Group, nextTryMs: number): void {
    const { clock, file } = this.#parts
    const giveUp = () => this.#lose(group, new Error(`It has taken longer than ${SLOW_MS} ms.`))
    const cancel = clock.timer(SLOW_MS, giveUp, true)
    this.#writing = file.write(group.changes).then(
      () => {
        cancel()
        this.#written(group)
      },
      (error: unknown) => {
        cancel()
        this.#writing = undefined
        this.#lose(group, error)
        // Keeps no process alive that has nothing else to do.
        if (this.#ending === undefined)
          this.#setTimer(nextTryMs, true, () => this.#write(group, Math.min(2 * nextTryMs, LAST_TRY_MS)))
      },
    )
  }

  #written(group: Group): void {
    this.#writing = undefined
    if (this.#failed !== undefined) {
      this.#failed = undefined
      for (const watcher of this.#watchers) watcher.regained()
    }
    succeed(group.tellers)
    this.#soon()
  }

  /** It goes on in memory. Nothing is put together until this one is written: what is on disk stays of one moment. */
  #lose(group: Group, error: unknown): void {
    this.#lostFor = unwritable(this.#parts.path, error)
    const isFirst = this.#failed === undefined
    this.#failed = group
    const tellers = [...group.tellers, ...this.#tellers]
    group.tellers = []
    this.#tellers = []
    if (isFirst) for (const watcher of this.#watchers) watcher.lost('local', this.#lostFor)
    fail(tellers, this.#lostFor)
  }

  async #end(): Promise<void> {
    const { file, memory } = this.#parts
    this.#cancelTimer?.()
    // Whoever called `close` has its promise before anything else happens.
    await this.#writing
    try {
      if (this.#failed !== undefined) await file.write(this.#failed.changes)
      const changes = memory.takeChanges()
      if (changes !== undefined) await file.write(JSON.stringify(changes))
      succeed(this.#tellers)
    } catch (cause) {
      const error = unwritable(this.#parts.path, cause)
      fail(this.#tellers, error)
      throw error
    } finally {
      this.#tellers = []
      await file.close()
    }
  }

  #closed(): Error {
    return new Error(`The store in ${this.#parts.path} was closed: close it when all calls have ended.`)
  }
}

function succeed(tellers: readonly Teller[]): void {
  for (const done of tellers) done(DONE)
}

function fail(tellers: readonly Teller[], error: unknown): void {
  for (const done of tellers) done({ kind: 'failure', error, done: true })
}

import { resolve } from 'node:path'
import type { Clock } from '@plimsoll/core'
import { MemoryStore, systemClock } from '@plimsoll/core/store'
import type { MemoryStoreOptions } from '@plimsoll/core/store'
import { FileStore } from './file-store.ts'
import { FileThread } from './file-thread.ts'

export interface FileStoreOptions extends Pick<MemoryStoreOptions, 'maxKeys' | 'onForgotten'> {
  /** The file, made where there is none; its folder must exist. One process at a time may have it open. */
  readonly path: string
  /** The clock of `createPlimsoll`, where that is told one. @defaultValue the system's */
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * Limits and budgets of one process that survive it. Decided in memory, as fast as without a file; what has changed is
 * written every few milliseconds by a thread of its own, all together.
 *
 * **When to use**: budgets by day or month on one machine. For several processes: `redisStore` of `@plimsoll/redis`.
 * **Gotcha**: close it when all calls have ended (`await plimsoll.drain()`, then `await store.close()`).
 *
 * @throws {TypeError} for a `path` that is none
 * @throws {Error} for a file that is in use, damaged, something else's, a newer version's, or cannot be written to: it
 * names the path and the mend
 */
export async function fileStore({
  path,
  clock = systemClock,
  ...options
}: FileStoreOptions): Promise<FileStore> {
  if (typeof path !== 'string' || path === '') throw new TypeError('`path` is to be the path of a file.')
  const absolute = resolve(path)
  const { file, saved } = await FileThread.open(absolute)
  const memory = new MemoryStore({ ...options, resumed: { saved, now: clock.now() } })
  return new FileStore({ file, memory, path: absolute, clock: systemClock })
}

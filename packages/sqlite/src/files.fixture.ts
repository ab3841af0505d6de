import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryStore } from '@plimsoll/core/store'
import { onTestFinished } from 'vitest'
import { Database } from './database.ts'
import { FileStore } from './file-store.ts'
import type { ChangesFile } from './file-thread.ts'

/** A path where nothing is yet, until the test has ended. */
export function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'limits.db')
}

/** The file without its thread: what is written is there in the next turn. */
export function openHere(
  path: string,
  now: number,
): { file: ChangesFile; memory: MemoryStore; database: Database } {
  const database = new Database(path)
  const file: ChangesFile = {
    write: async (changes) => database.write(JSON.parse(changes)),
    close: async () => database.close(),
  }
  return { file, memory: new MemoryStore({ resumed: { saved: database.load(), now } }), database }
}

/** Groups are put together in the next turn, too. */
export const AT_ONCE = {
  timer(_ms: number, fn: () => void) {
    const handle = setImmediate(fn)
    return () => clearImmediate(handle)
  },
}

export function storeHere(path: string, now: number): FileStore {
  return new FileStore({ ...openHere(path, now), path, clock: AT_ONCE })
}

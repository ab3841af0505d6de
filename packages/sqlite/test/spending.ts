import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Bucket } from '@plimsoll/core'

export const ESTIMATE = 10
export const USED = 7
/** Calls that such a process makes at once. */
export const AT_ONCE = 60
export const LEASE_MS = 60_000
export const BUDGET: Bucket = {
  key: 'budget:tenant=acme:tokens:month',
  algorithm: 'quota',
  capacity: 1e12,
  perMs: Infinity,
  calendar: { every: 'month', timeZone: 'UTC' },
  forgettable: true,
}

/** What a process was told is on disk. */
export interface Promised {
  readonly settled: number
  /** As many had been granted when the last of those that were settled was told. */
  readonly granted: number
}

/** @param fileKb - how large the files may be that it writes: as if the disk were full then */
export function spender(
  path: string,
  ends: 'by itself' | 'when it is killed',
  fileKb: number | 'unlimited' = 'unlimited',
): ChildProcess {
  const file = new URL('spender.ts', import.meta.url).pathname
  const limit = fileKb === 'unlimited' ? fileKb : 2 * fileKb
  const shell = ['-c', `trap '' XFSZ; ulimit -f ${limit}; exec "$@"`, 'sh']
  const args = [...shell, process.execPath, '--conditions=@plimsoll/source', file, path, ends]
  return spawn('sh', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

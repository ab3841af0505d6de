import type { Worker } from 'node:worker_threads'
import type { Encoding } from './encoding.ts'
import type { RankTable } from './rank-table.ts'
import { startWorker } from './workers.ts'

/** An encoding's table, on its way or here. */
export interface TableLoad {
  /** Rejects where workers cannot be started, or the rank file cannot be read. */
  readonly table: Promise<RankTable>
  /** From now on the process stays alive for it. */
  ref(): void
}

const loads = new Map<Encoding, TableLoad>()

/** The table of an encoding, read once in a process, by a worker. What has failed is tried again when it is asked for. */
export function loadTable(encoding: Encoding): TableLoad {
  let load = loads.get(encoding)
  if (load === undefined) {
    load = start(encoding)
    loads.set(encoding, load)
    load.table.catch(() => loads.delete(encoding))
  }
  return load
}

function start(encoding: Encoding): TableLoad {
  let worker: Worker | undefined
  let awaited = false
  const table = startWorker('ranks-worker', { workerData: { encoding }, name: 'plimsoll-ranks' }).then(
    (started) => {
      worker = started
      const coming = tableFrom(started, encoding)
      // Listening to it has made it hold the process.
      if (!awaited) started.unref()
      return coming
    },
  )
  return {
    table,
    ref() {
      awaited = true
      worker?.ref()
    },
  }
}

function tableFrom(worker: Worker, encoding: Encoding): Promise<RankTable> {
  return new Promise((resolve, reject) => {
    worker.once('message', (table: RankTable) => resolve(table))
    // Kept for as long as the worker lives: an error without a listener would end the process.
    worker.on('error', reject)
    worker.once('exit', () => reject(new Error(`The ranks of ${encoding} could not be loaded.`)))
  })
}

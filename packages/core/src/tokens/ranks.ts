import type { Worker } from 'node:worker_threads'
import { createEncoder, type Encoder } from './encoder.ts'
import type { Encoding } from './encoding.ts'
import type { RankTable } from './rank-table.ts'

/** An encoding's exact counter, on its way. */
export interface Ranks {
  /** Absent until the ranks are here, and for good where they cannot be loaded. */
  readonly encoder: Encoder | undefined
  /**
   * Resolves with whether they are here. The loading itself does not keep the process alive; asking does.
   * Never rejects.
   */
  ready(): Promise<boolean>
}

const loading = new Map<Encoding, Ranks>()

/**
 * The ranks of an encoding. The first to ask in a process starts a worker that reads them, so that the main thread is
 * held a few milliseconds at a time: when the worker starts, and when the expression is compiled. Without workers, or
 * without the rank file, they never come, and whoever asked goes on without.
 */
export function ranksOf(encoding: Encoding): Ranks {
  let ranks = loading.get(encoding)
  if (ranks === undefined) {
    ranks = load(encoding)
    loading.set(encoding, ranks)
  }
  return ranks
}

function load(encoding: Encoding): Ranks {
  let encoder: Encoder | undefined
  let worker: Worker | undefined
  let awaited = false
  const loaded = start(encoding, (started) => {
    worker = started
    if (!awaited) worker.unref()
  })
    .then(prepare)
    .then(
      (prepared) => {
        encoder = prepared
        return true
      },
      () => false,
    )
  return {
    get encoder() {
      return encoder
    },
    ready() {
      awaited = true
      if (encoder === undefined) worker?.ref()
      return loaded
    },
  }
}

/** The expression is parsed, and compiled for each width of text on its first: a few milliseconds each, so in turns. */
async function prepare(table: RankTable): Promise<Encoder> {
  await nextTurn()
  const encoder = createEncoder(table)
  await nextTurn()
  encoder.count('Ready: 1\n')
  await nextTurn()
  encoder.count('Ready: \u{1f6a2}\n')
  return encoder
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function start(encoding: Encoding, onStart: (worker: Worker) => void): Promise<RankTable> {
  // Imported when needed: where there are no workers, the rest of the package still loads.
  const threads = await import('node:worker_threads')
  return new Promise((resolve, reject) => {
    // Sources run as `.ts`, the package as `.js`; this file's own name says which.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const url = new URL(`./ranks-worker.${extension}`, import.meta.url)
    const worker = new threads.Worker(url, { workerData: { encoding }, execArgv: [], name: 'plimsoll-ranks' })
    worker.once('message', (table: RankTable) => resolve(table))
    // Kept for as long as the worker lives: an error without a listener would end the process.
    worker.on('error', reject)
    worker.once('exit', () => reject(new Error(`The ranks of ${encoding} could not be loaded.`)))
    onStart(worker)
  })
}

import type { Worker, WorkerOptions } from 'node:worker_threads'

/** Resolves in the next turn of the event loop: what waits there has had its turn first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Starts one of this folder's workers. In a young process that takes some 4 ms, which are spread over turns of the
 * event loop. It does not keep the process alive until it is told to.
 *
 * @param file - its name, without the extension
 * @throws {Error} where there are no workers
 */
export async function startWorker(file: string, options: WorkerOptions): Promise<Worker> {
  // Most of what workers need is the streams that they offer.
  for (const id of ['node:string_decoder', 'node:stream']) {
    await nextTurn()
    builtin(id)
  }
  await nextTurn()
  const threads = builtin('node:worker_threads')
  if (threads === undefined) throw new Error('This runtime has no worker threads.')
  await nextTurn()
  rehearse(threads)
  await nextTurn()
  // Sources run as `.ts`, the package as `.js`; this file's own name says which.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const url = new URL(`./${file}.${extension}`, import.meta.url)
  await nextTurn()
  // Its output goes nowhere: `process.stdout` and its kind would be loaded for it.
  const worker = new threads.Worker(url, { execArgv: [], stdout: true, stderr: true, ...options })
  worker.unref()
  return worker
}

/** Not imported: where there is no such module, the rest of the package still loads. */
const builtin: typeof process.getBuiltinModule = (id: string) => globalThis.process?.getBuiltinModule?.(id)

/** A worker is made of ports and streams, and the first of each takes half a millisecond. */
function rehearse({ MessageChannel }: typeof import('node:worker_threads')): void {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => {})
  port1.close()
  port2.close()
  const { Readable } = builtin('node:stream')
  new Readable().on('end', () => {}).destroy()
}

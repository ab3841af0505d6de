import { parentPort, workerData } from 'node:worker_threads'
import { buildRankTable, type RankFile } from './build-rank-table.ts'

/** Run as a worker by `load-table.ts`: reads the encoding it is told of, hands its table over, and ends. */
const files: Readonly<Record<string, () => Promise<{ default: RankFile }>>> = {
  o200k_base: () => import('js-tiktoken/ranks/o200k_base'),
  cl100k_base: () => import('js-tiktoken/ranks/cl100k_base'),
}

const read = files[String((workerData as { encoding?: unknown } | null)?.encoding)]
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
if (read !== undefined) parentPort?.postMessage(buildRankTable((await read()).default))

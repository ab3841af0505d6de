import { parentPort, workerData } from 'node:worker_threads'
import { buildRankTable, type RankFile } from './rank-table.ts'

/** Run as a worker by `ranks.ts`: reads the encoding it is told of, hands its table over, and ends. */
const files: Readonly<Record<string, () => Promise<{ default: RankFile }>>> = {
  o200k_base: () => import('js-tiktoken/ranks/o200k_base'),
  cl100k_base: () => import('js-tiktoken/ranks/cl100k_base'),
}

const read = files[String((workerData as { encoding?: unknown } | null)?.encoding)]
if (parentPort !== null && read !== undefined) {
  const table = buildRankTable((await read()).default)
  parentPort.postMessage(table, [table.bytes.buffer, table.starts.buffer, table.slots.buffer])
}

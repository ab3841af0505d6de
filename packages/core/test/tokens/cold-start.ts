import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ColdText } from './cold-texts.ts'

const PROGRAM = fileURLToPath(new URL('./cold-process.ts', import.meta.url))
export type Work =
  | 'scan'
  | 'nothing'
  | 'an empty worker'
  | 'estimate'
  | 'countTokens'
  | 'call, counted'
  | 'call'

/** The longest turn of the event loop. */
export interface Held {
  /**
   * Processor time of the thread: what our own code holds the loop for. What else the machine does meanwhile would hold
   * any code up, and says nothing about ours.
   */
  readonly threadMs: number
  readonly wallMs: number
}
export type Stages = Readonly<Record<string, Held>>

/** How long each kind of work holds the event loop of a young process: a fresh one each time, the kinds taking turns. */
export async function coldStart(
  text: ColdText,
  works: readonly Work[],
  processes: number,
): Promise<Map<Work, Stages[]>> {
  const runs = new Map<Work, Stages[]>(works.map((work) => [work, []]))
  for (let process = 0; process < processes; process++)
    for (const [work, stages] of runs) stages.push(await inNewProcess(work, text))
  return runs
}

async function inNewProcess(work: Work, text: ColdText): Promise<Stages> {
  const args = ['--conditions=@plimsoll/source', PROGRAM, work, text]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Stages
}

/** The longest of all stages, run by run. */
export function longest(runs: readonly Stages[]): Held[] {
  return runs.map((stages) => ({
    threadMs: Math.max(...Object.values(stages).map((held) => held.threadMs)),
    wallMs: Math.max(...Object.values(stages).map((held) => held.wallMs)),
  }))
}

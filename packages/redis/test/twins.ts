import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { said } from './fleet.ts'

/** What one of the processes that ask the same is told. */
export interface TwinTask {
  readonly redis: string
  readonly provider: string
  readonly calls: number
  /** Its calls begin so far apart. */
  readonly everyMs: number
}

export interface TwinResult {
  /** All that were different. */
  readonly answers: readonly string[]
  /** Of each call: `none`, `joined` or `hit`. */
  readonly caches: readonly string[]
  readonly failures: readonly string[]
}

export interface Twin {
  readonly child: ChildProcess
  /** Begins, and resolves with what came of it. */
  begin(): Promise<TwinResult>
}

/** A process that is connected and waits for its turn. */
export async function readyTwin(task: TwinTask): Promise<Twin> {
  const file = new URL('twin.ts', import.meta.url).pathname
  const child = fork(file, [JSON.stringify(task)], { execArgv: ['--conditions=@plimsoll/source'] })
  await said(child)
  return {
    child,
    begin() {
      const result = said<TwinResult>(child)
      child.send('begin')
      return result
    },
  }
}

/** As by a machine that loses its power. */
export async function killed({ child }: Twin): Promise<void> {
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
}

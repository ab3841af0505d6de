import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script of this package from its sources, in a process of its own, as a user would. */
export function runNode(script: string, args: readonly string[]): Promise<Ran> {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--conditions=@plimsoll/source', path, ...args],
      { env: { ...process.env, OPENAI_API_KEY: '' } },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') return reject(error)
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      },
    )
  })
}

export function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')
}

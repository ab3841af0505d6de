import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FakeProviderOptions, Stats } from '@plimsoll/fake-provider'

/** A fake provider in a process of its own: on one core with the client, each would be the other's latency. */
export interface Server {
  readonly url: string
  stats(): Promise<Stats>
  stop(): Promise<void>
}

const STOP_MS = 2_000

/** @throws when the process does not come up */
export async function startServer(options: FakeProviderOptions): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-'))
  try {
    const config = join(folder, 'provider.json')
    await writeFile(config, JSON.stringify(options))
    const child = fork(binPath(), ['--config', config], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const url = await readyUrl(child)
    return {
      url,
      stats: async () => (await (await fetch(`${url}/__stats`)).json()) as Stats,
      stop: () => stop(child),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Beside the package's entry, whichever of its sources and its build that resolves to. */
function binPath(): string {
  const entry = import.meta.resolve('@plimsoll/fake-provider')
  const bin = entry.endsWith('.ts') ? './bin.ts' : './bin.js'
  return fileURLToPath(new URL(bin, entry))
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The fake provider did not start (exit code ${code}).`)))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  if (child.connected) child.disconnect()
  await exited
  clearTimeout(timer)
}

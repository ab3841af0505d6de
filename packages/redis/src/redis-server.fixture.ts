import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'

/** Another program that speaks as Redis does: `REDIS_SERVER=valkey-server`. */
const PROGRAM = process.env['REDIS_SERVER'] ?? 'redis-server'

/** Whether there is a Redis to test with. Where CI is set there must be one. */
export const HAS_REDIS = spawnSync(PROGRAM, ['--version']).status === 0

if (!HAS_REDIS) {
  if (process.env['CI'] !== undefined)
    throw new Error('There is no redis-server, and CI is set: install one.')
  process.stderr.write('Tests with Redis are skipped: there is no redis-server on this machine.\n')
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  freeze(): void
  thaw(): void
  /** As by a machine that loses its power. */
  kill(): Promise<void>
  /** On the same port, with what it was told to keep. */
  start(): Promise<void>
  /** What a server that does not run has kept is gone. */
  empty(): void
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** @param keeps whether every word is on disk before it is answered; without it all is gone with the process */
export async function startRedis(keeps = false): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-redis-'))
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess
  const start = async (): Promise<void> => {
    const args = [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      keeps ? 'yes' : 'no',
      '--appendfsync',
      'always',
      '--dir',
      folder,
    ]
    server = spawn(PROGRAM, args, { stdio: 'ignore' })
    process.once('exit', () => server.kill('SIGKILL'))
    await untilUp(url)
  }
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const over = once(server, 'exit')
    server.kill('SIGKILL')
    await over
  }
  await start()
  return {
    url,
    port,
    start,
    kill,
    empty: () => rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true }),
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async stop() {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}

async function untilUp(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => {})
    try {
      await client.connect()
      await client.ping()
      client.destroy()
      return
    } catch {
      await sleep(25)
    }
  }
  throw new Error(`The Redis server at ${url} does not come up.`)
}

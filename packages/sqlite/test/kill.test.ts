import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Level } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { fileStore } from '@plimsoll/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AT_ONCE, BUDGET, ESTIMATE, LEASE_MS, spender, USED } from './spending.ts'
import type { Promised } from './spending.ts'

const ROUNDS = 12

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'limits.db')
}

/** What the file says, as a process has left it: how many of its calls are settled, and how many are open. */
function found(path: string, usedBefore: number): { settled: number; open: number } {
  const db = new DatabaseSync(path)
  const rows = (table: string) => db.prepare(`SELECT state FROM ${table}`).all() as { state: string }[]
  const [bucket] = rows('buckets').map(({ state }) => JSON.parse(state) as { used: number; pending: number })
  const open = rows('reservations').map(({ state }) => JSON.parse(state) as { counted: boolean })
  db.close()
  const counted = open.filter((one) => one.counted).length
  // The two tables are of one moment.
  expect(bucket!.pending).toBe(ESTIMATE * (open.length - counted))
  return { settled: (bucket!.used - usedBefore - ESTIMATE * counted) / USED, open: open.length }
}

/** What is used when all leases have ended, and nothing is held any more. */
async function usedIn(path: string): Promise<number> {
  await using store = await fileStore({ path })
  const used = (now: number) => {
    let levels: readonly Level[] = []
    store.send({ type: 'peek', buckets: [BUDGET], amounts: [0], leaves: [0] }, now, (answer) => {
      if (answer.kind === 'levels') levels = answer.levels
    })
    return BUDGET.capacity - levels[0]!.available
  }
  const now = systemClock.now()
  const held = used(now)
  expect(used(now + 2 * LEASE_MS)).toBe(held)
  return held
}

describe('a process that is killed', () => {
  it('has lost nothing that it was told is on disk, and what it had open is used at its estimate', async () => {
    const path = newPath()
    let used = 0
    let all = 0
    for (let round = 0; round < ROUNDS; round++) {
      const child = spender(path, 'when it is killed')
      let promised: Promised = { settled: 0, granted: 0 }
      let failed = 0
      child.on('message', (message: Promised | { failed: true }) => {
        if ('failed' in message) failed++
        else promised = message
      })
      await expect.poll(() => promised.settled, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const { settled, open } = found(path, used)
      expect([failed, settled % 1]).toEqual([0, 0])
      expect(settled).toBeGreaterThanOrEqual(promised.settled)
      expect(settled + open).toBeGreaterThanOrEqual(promised.granted)
      expect(open).toBeLessThanOrEqual(AT_ONCE)
      // No lock of the dead is in the way.
      const after = await usedIn(path)
      expect(after - used).toBe(USED * settled + ESTIMATE * open)
      used = after
      all += promised.settled
    }
    expect(all).toBeGreaterThan(10 * ROUNDS)
  }, 120_000)

  it('goes on when the disk is full, is promised nothing more, and has lost nothing that it was', async () => {
    const path = newPath()
    const child = spender(path, 'when it is killed', 200)
    let promised: Promised = { settled: 0, granted: 0 }
    let failed = 0
    child.on('message', (message: Promised | { failed: true }) => {
      if ('failed' in message) failed++
      else promised = message
    })
    await expect.poll(() => failed, { timeout: 20_000 }).toBeGreaterThan(200)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(promised.settled).toBeGreaterThan(0)
    const { settled, open } = found(path, 0)
    expect(settled).toBeGreaterThanOrEqual(promised.settled)
    expect(await usedIn(path)).toBe(USED * settled + ESTIMATE * open)
  })

  it('that ends by itself has written everything first', async () => {
    const path = newPath()
    await once(spender(path, 'by itself'), 'exit')
    expect(await usedIn(path)).toBe(5 * USED)
  })
})

it('a file in use by another process is not opened twice, and is free when that has ended', async () => {
  const path = newPath()
  const child = spender(path, 'when it is killed')
  await once(child, 'message')
  await expect(fileStore({ path })).rejects.toThrow(`The store in ${path} is in use, by another process`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using store = await fileStore({ path })
  expect(store).toBeDefined()
  await expect(fileStore({ path })).rejects.toThrow('in use')
})

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Level } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { fileStore } from '@plimsoll/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BUDGET, ESTIMATE, LEASE_MS, spender, USED } from './spending.ts'
import type { Promised } from './spending.ts'

const ROUNDS = 12

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'limits.db')
}

/** What is used, and what is left open when all leases have ended. */
async function usedIn(path: string): Promise<{ before: number; after: number }> {
  await using store = await fileStore({ path })
  const used = (now: number) => {
    let levels: readonly Level[] = []
    store.send({ type: 'peek', buckets: [BUDGET], amounts: [0], leaves: [0] }, now, (answer) => {
      if (answer.kind === 'levels') levels = answer.levels
    })
    return BUDGET.capacity - levels[0]!.available
  }
  const now = systemClock.now()
  return { before: used(now), after: used(now + 2 * LEASE_MS) }
}

describe('a process that is killed', () => {
  it('has lost nothing that it was told is on disk, and what it had open is used at its estimate', async () => {
    const path = newPath()
    let known = 0
    let settled = 0
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
      // No lock of the dead is in the way.
      const { before, after } = await usedIn(path)
      expect(failed).toBe(0)
      // All that were granted when the last was told, of which each is settled there, or still held.
      expect(before - known).toBeGreaterThanOrEqual(USED * promised.granted)
      // It makes forty calls at once: no more than that can be open, and be used at an estimate that is never settled.
      const atMost = USED * (promised.granted + 200) + (ESTIMATE - USED) * 40
      expect(before - known).toBeLessThanOrEqual(atMost)
      expect(after).toBe(before)
      known = after
      settled += promised.settled
    }
    expect(settled).toBeGreaterThan(10 * ROUNDS)
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
    const { before, after } = await usedIn(path)
    expect(before).toBeGreaterThanOrEqual(USED * promised.granted)
    expect(after).toBe(before)
  })

  it('that ends by itself has written everything first', async () => {
    const path = newPath()
    await once(spender(path, 'by itself'), 'exit')
    expect(await usedIn(path)).toEqual({ before: 5 * USED, after: 5 * USED })
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

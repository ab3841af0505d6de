import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Level } from '@plimsoll/core'
import * as sqlite from '@plimsoll/sqlite'
import { describe, expect, it } from 'vitest'
import { FileThread } from './file-thread.ts'
import { newPath } from './files.fixture.ts'

const { fileStore } = sqlite
const BUCKET = { key: 'tokens', algorithm: 'quota', capacity: 100, perMs: Infinity } as const

async function left(path: string): Promise<number> {
  await using store = await fileStore({ path })
  let levels: readonly Level[] = []
  store.send({ type: 'peek', buckets: [BUCKET], amounts: [0], leaves: [0] }, Date.now(), (answer) => {
    if (answer.kind === 'levels') levels = answer.levels
  })
  return levels[0]!.available
}

describe('fileStore', () => {
  it('is all that can be imported at run time', () => {
    expect(Object.keys(sqlite)).toEqual(['fileStore'])
  })

  it('keeps what it is told in the file, by a thread of its own', async () => {
    const path = newPath()
    const store = await fileStore({ path })
    const terms = { leaves: [0], holder: 1, rank: 1, claimable: 0, leaseMs: 60_000 }
    const now = Date.now()
    store.send({ type: 'reserve', id: 1, buckets: [BUCKET], amounts: [60], ...terms }, now, () => {})
    const settled = await new Promise((resolve) =>
      store.send({ type: 'settle', id: 1, amounts: [40], refund: true }, now, resolve),
    )
    expect(settled).toEqual({ kind: 'done' })
    await store.close()
    // From wherever it is named.
    expect(await left(relative(process.cwd(), path))).toBe(60)
  })

  it('rejects with what is in the way, and holds nothing then', async () => {
    const path = newPath()
    writeFileSync(path, 'Notes. '.repeat(500))
    await expect(fileStore({ path })).rejects.toThrow(`${path} is a file of something else`)
    writeFileSync(path, '')
    expect(await left(path)).toBe(100)
  })

  it.each(['', undefined, 7])('takes no %s for a path', async (path) => {
    await expect(fileStore({ path: path as string })).rejects.toThrow(TypeError)
  })
})

describe('the thread', () => {
  it('goes on after a write that failed, and says what was wrong with it', async () => {
    const path = newPath()
    const { file } = await FileThread.open(path)
    await expect(file.write('{')).rejects.toThrow(SyntaxError)
    const none = { at: 7, buckets: [], forgotten: [], reservations: [], ended: [] }
    await file.write(JSON.stringify(none))
    await file.close()
    const { file: again, saved } = await FileThread.open(path)
    expect(saved).toEqual({ at: 7, buckets: [], reservations: [] })
    await again.close()
  })

  it('has nothing more written once it has ended', async () => {
    const { file } = await FileThread.open(newPath())
    await file.close()
    await expect
      .poll(async () => file.write('{}').catch(String))
      .toMatch(/The thread that writes .* has ended/)
    await file.close()
  })
})

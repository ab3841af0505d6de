import { createPlimsoll } from '@plimsoll/core'
import type { PlimsollEvent } from '@plimsoll/core'
import { expect, it } from 'vitest'
import { FileStore } from './file-store.ts'
import { AT_ONCE, newPath, openHere } from './files.fixture.ts'

it('calls go on while the file cannot be written to, and are told of it once', async () => {
  const path = newPath()
  const { file, memory } = openHere(path, Date.now())
  let isFull = false
  const write = async (changes: string) => {
    if (isFull) throw new Error('database or disk is full')
    await file.write(changes)
  }
  const store = new FileStore({
    file: { write, close: file.close },
    memory,
    path,
    clock: AT_ONCE,
  })
  const events: PlimsollEvent[] = []
  const plimsoll = createPlimsoll({
    store,
    targets: { 'openai/m': { limits: { rpm: 30 } } },
    onEvent: (event) => {
      if (event.type.startsWith('store.')) events.push(event)
    },
  })
  const call = async () => plimsoll.call({ target: 'openai/m', input: 'Hello' }, async () => 'hi')
  await call()
  await plimsoll.flush()
  isFull = true
  for (let nth = 0; nth < 20; nth++) await call()
  // Nobody waits for the disk.
  await plimsoll.flush()
  expect(events).toMatchObject([{ type: 'store.lost', instead: 'local' }])
  expect((events[0] as { error: Error }).error.message).toContain(`The store in ${path} cannot be written to`)
  const left = async () => (await plimsoll.headroom('openai/m')).limits[0]!.available
  expect(await left()).toBe(9)
  isFull = false
  await expect.poll(() => events.map(({ type }) => type)).toEqual(['store.lost', 'store.regained'])
  await store.close()
  const again = openHere(path, Date.now())
  expect(again.database.load().buckets).toMatchObject([{ state: { used: 21 } }])
  await again.file.close()
})

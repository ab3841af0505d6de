import { expect, test } from 'vitest'
import { loadTable } from './load-table.ts'

test('a table is read once in a process, by a worker, and its memory is shared', async () => {
  const load = loadTable('cl100k_base')
  expect(loadTable('cl100k_base')).toBe(load)
  load.ref()
  const table = await load.table
  expect(table.cutting).toBe('by-word')
  expect(table.bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
  load.ref()
  expect(loadTable('cl100k_base')).toBe(load)
})

test('what cannot be read is said, and is tried again when it is asked for again', async () => {
  const none = 'none' as 'cl100k_base'
  const load = loadTable(none)
  load.ref()
  await expect(load.table).rejects.toThrow('The ranks of none could not be loaded.')
  const again = loadTable(none)
  expect(again).not.toBe(load)
  again.ref()
  await expect(again.table).rejects.toThrow('The ranks of none could not be loaded.')
})

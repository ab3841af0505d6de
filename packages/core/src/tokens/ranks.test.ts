import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ranksOf } from './ranks.ts'

test('ranks load in the background, once, and count', async () => {
  const ranks = ranksOf('o200k_base')
  expect(ranks.encoder).toBeUndefined()
  expect(ranksOf('o200k_base')).toBe(ranks)
  expect(await ranks.ready()).toBe(true)
  expect(ranks.encoder?.count('hello world')).toBe(2)
  expect(await ranks.ready()).toBe(true)
})

test('a process that only estimates does not wait for them', () => {
  const program = `
    import { createEstimator } from ${JSON.stringify(new URL('./estimate.ts', import.meta.url).href)}
    import { ranksOf } from ${JSON.stringify(new URL('./ranks.ts', import.meta.url).href)}
    createEstimator().estimate('hello', 'gpt-5')
    process.on('exit', () => console.log(ranksOf('o200k_base').encoder === undefined ? 'gone' : 'waited'))`
  const args = ['--input-type=module', '--eval', program]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe('gone')
})

test('the other encoding loads beside it', async () => {
  const ranks = ranksOf('cl100k_base')
  expect(await ranks.ready()).toBe(true)
  expect(ranks.encoder?.count('hello world')).toBe(2)
})

test('an encoding that cannot be loaded is told of, and harms nobody', async () => {
  const ranks = ranksOf('none' as 'o200k_base')
  expect(await ranks.ready()).toBe(false)
  expect(ranks.encoder).toBeUndefined()
})

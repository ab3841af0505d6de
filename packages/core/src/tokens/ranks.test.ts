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

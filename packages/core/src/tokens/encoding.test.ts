import { expect, test } from 'vitest'
import { encodingOf } from './encoding.ts'

test.each([
  ['gpt-4o', 'o200k_base'],
  ['gpt-4o-mini-2024-07-18', 'o200k_base'],
  ['gpt-4.1-nano', 'o200k_base'],
  ['gpt-5', 'o200k_base'],
  ['gpt-5.1-codex', 'o200k_base'],
  ['openai/gpt-5-mini', 'o200k_base'],
  ['ft:gpt-4o:house::id', 'o200k_base'],
  ['o1', 'o200k_base'],
  ['o3-mini', 'o200k_base'],
  ['o4-mini', 'o200k_base'],
  ['chatgpt-4o-latest', 'o200k_base'],
  ['gpt-4', 'cl100k_base'],
  ['GPT-4-turbo', 'cl100k_base'],
  ['gpt-3.5-turbo', 'cl100k_base'],
  ['gpt-35-turbo', 'cl100k_base'],
  ['text-embedding-3-small', 'cl100k_base'],
  ['text-embedding-ada-002', 'cl100k_base'],
  ['ada-002', 'cl100k_base'],
  ['claude-haiku-4-5', 'o200k_base'],
  ['gemini-3-pro', 'o200k_base'],
  ['', 'o200k_base'],
  ['__proto__', 'o200k_base'],
  ['x'.repeat(100_000), 'o200k_base'],
])('%.30s', (model, encoding) => {
  expect(encodingOf(model)).toBe(encoding)
})

test('what is no name at all throws nothing', () => {
  expect(encodingOf(undefined as unknown as string)).toBe('o200k_base')
})

import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { expect, test } from 'vitest'
import { cuttingOf } from './cutting.ts'

test('the patterns of the rank files are known', () => {
  expect(cuttingOf(o200k.pat_str)).toBe('by-case')
  expect(cuttingOf(cl100k.pat_str)).toBe('by-word')
})

test.each(['', '__proto__', `${o200k.pat_str}|x`, o200k.pat_str.slice(1)])('%.20s is not', (pattern) => {
  expect(() => cuttingOf(pattern)).toThrow(`Text cannot be cut by the pattern ${pattern}.`)
})

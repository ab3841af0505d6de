import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { estimateByClasses } from './classes.ts'
import { createEncoder } from './encoder.ts'
import { buildRankTable } from './build-rank-table.ts'
import { samples } from './samples.fixture.ts'

const encoders = {
  o200k_base: createEncoder(buildRankTable(o200k)),
  cl100k_base: createEncoder(buildRankTable(cl100k)),
}

/** How far an estimate may be below and above the exact count. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  prose: [-0.1, 0.1],
  code: [-0.1, 0.1],
  json: [-0.1, 0.1],
  'json, minified': [-0.1, 0.1],
  chinese: [-0.1, 0.25],
  'chinese without a break': [-0.1, 0.25],
  japanese: [-0.1, 0.25],
  korean: [-0.1, 0.25],
  russian: [-0.1, 0.25],
  emoji: [-0.1, 0.25],
  base64: [-0.1, 0.25],
}

describe('against the exact count', () => {
  test.each(Object.entries(samples()))('%s', (kind, text) => {
    const [below, above] = BOUNDS[kind]!
    for (const encoding of ['o200k_base', 'cl100k_base'] as const) {
      const error = estimateByClasses(text, encoding) / encoders[encoding].count(text) - 1
      expect(error).toBeGreaterThan(below)
      expect(error).toBeLessThan(above)
    }
  })
})

test('of nothing is nothing, and of a letter without end less than one each', () => {
  expect(estimateByClasses('')).toBe(0)
  expect(estimateByClasses('x'.repeat(1_000_000))).toBeLessThan(500_000)
})

test('every code unit has a class, and one more never lowers the estimate', () => {
  for (let code = 0; code < 65_536; code += 7) {
    const character = String.fromCharCode(code)
    expect(estimateByClasses(`word ${character}`)).toBeGreaterThanOrEqual(estimateByClasses('word '))
    expect(estimateByClasses(character)).toBeLessThan(3)
  }
})

describe('what adds up', () => {
  test.each<[string, string, number]>([
    ['a word is a token, nearly', 'line', 0.91],
    ['letters beyond five and nine', 'a'.repeat(12), 0.91 + 4 * 0.13 + 3 * 0.33],
    ['a word of ten letters', 'a'.repeat(10), 0.91 + 4 * 0.13 + 0.33],
    ['a word of nine letters', 'a'.repeat(9), 0.91 + 4 * 0.13],
    ['a word of six letters', 'a'.repeat(6), 0.91 + 0.13],
    ['a word of five letters', 'a'.repeat(5), 0.91],
    ['capitals in a row', 'ABC', 0.91 + 2 * 0.04],
    ['a capital before small letters', 'Line', 0.91],
    ['a capital behind small letters begins a word', 'lineTo', 2 * 0.91],
    ['a blank before a word', ' line', 0.91],
    ['blanks in a row, from the second on', '   line', 0.67 + 0.91],
    ['three digits a token', '123', 1.35],
    ['four digits are two', '1234', 2 * 1.35],
    ['seven are three', '1234567', 3 * 1.35],
    ['signs in a row', '---', 0.79 + 2 * 0.19],
    ['a line end behind a sign', '.\n', 0.79 + 0.62],
    ['a line end behind a word', 'a\n', 0.91 + 0.85],
    ['line ends in a row', '\n\r\n', 0.85],
    ['an accent', 'é', 0.91 + 1],
    ['an accented capital, and letters behind it', 'Éé', 0.91 + 2],
    ['letters that change case among digits', 'a1bCd', 0.91 + 1.35 + 0.91 + 0.91 + 1.5],
    ['and no more behind a sign', '1.bCd', 1.35 + 0.79 + 0.91 + 0.91],
  ])('%s', (_, text, tokens) => {
    expect(estimateByClasses(text)).toBeCloseTo(tokens, 9)
  })
})

import { describe, expect, test } from 'vitest'
import { estimateByClasses } from './classes.ts'

/** Tokens of one character, and of each further one. */
type Each = readonly [first: number, further: number]

/** Of each stretch of code units its first and its last. */
const SCRIPTS: readonly (readonly [string, edges: string, newer: Each, older: Each])[] = [
  ['greek and cyrillic', '\u0370\u052f', [0.28, 0.28], [0.5, 0.5]],
  ['other scripts', '\u0530\u1fff\ua000\uabff\ue000\uf8ff\ufb00\ufdff\ufe10\ufeff', [0.45, 0.45], [0.9, 0.9]],
  ['signs', '\u0080\u00bf\u00d7\u00f7\u2000\u200c\u200e\u2e7f', [1.25, 1.25], [1.4, 1.4]],
  ['what joins them', '\u200d\ufe00\ufe0f', [0.85, 0.85], [1.4, 1.4]],
  ['han', '\u2e80\u2fff\u3100\u9fff\uf900\ufaff', [1, 0.77], [1.3, 1.2]],
  ['wide punctuation', '\u3000\u303f\uff00\uffff', [1.2, 1.2], [1.2, 1.2]],
  ['kana', '\u3040\u30ff', [0.75, 0.75], [1, 1]],
  ['hangul', '\uac00\ud7af', [0.74, 0.74], [1.2, 1.2]],
  ['halves of pairs', '\ud800\udbff\udc00\udfff', [0.9, 0.9], [1.5, 1.5]],
  ['punctuation', '!/:@[`{~\u0000', [0.79, 0.19], [0.79, 0.19]],
]

describe('characters', () => {
  test.each(SCRIPTS)('%s', (_, edges, newer, older) => {
    for (const encoding of ['o200k_base', 'cl100k_base'] as const) {
      const [first, further] = encoding === 'o200k_base' ? newer : older
      for (const character of edges.split('')) {
        expect(estimateByClasses(character, encoding)).toBeCloseTo(first, 9)
        expect(estimateByClasses(character.repeat(3), encoding)).toBeCloseTo(first + 2 * further, 9)
      }
    }
  })

  test.each([
    ['small', 'a', 'z', 0.91],
    ['capital', 'A', 'Z', 0.91],
    ['small and accented', 'ß', '\u036f', 1.91],
    ['capital and accented', 'À', 'Þ', 1.91],
  ])('letters that are %s', (_, first, last, tokens) => {
    expect(estimateByClasses(first)).toBeCloseTo(tokens, 9)
    expect(estimateByClasses(last)).toBeCloseTo(tokens, 9)
  })

  test('small letters begin no word behind a capital, and capitals one behind them', () => {
    expect(estimateByClasses('Þß')).toBeCloseTo(0.91 + 2, 9)
    expect(estimateByClasses('ßÞ')).toBeCloseTo(2 * 0.91 + 2, 9)
    expect(estimateByClasses('Aa')).toBeCloseTo(0.91, 9)
    expect(estimateByClasses('zZ')).toBeCloseTo(2 * 0.91, 9)
  })

  test('digits are counted in threes, anew behind each sign', () => {
    expect(estimateByClasses('09')).toBeCloseTo(1.35, 9)
    expect(estimateByClasses('12 345')).toBeCloseTo(2 * 1.35, 9)
    expect(estimateByClasses('12,3456')).toBeCloseTo(3 * 1.35 + 0.79, 9)
  })

  test('tabs are blanks, and only the second of a run is a token', () => {
    expect(estimateByClasses('\t \t  ')).toBeCloseTo(0.67, 9)
    expect(estimateByClasses(' a \t')).toBeCloseTo(0.91 + 0.67, 9)
  })
})

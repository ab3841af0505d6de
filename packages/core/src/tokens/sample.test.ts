import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampledRatio } from './sample.ts'

/** The samples that are taken of texts. */
function windows(texts: readonly string[], samples: number, size: number): string[] {
  const taken: string[] = []
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  const measure = (text: string): number => {
    taken.push(text)
    return 1
  }
  sampledRatio(texts, length, { samples, size }, measure, () => 1)
  return taken
}

const vowels = (text: string) => text.replaceAll(/[^aeiou]/g, '').length
const size = (text: string) => text.length

describe('samples', () => {
  test('are spread evenly from the start to the end', () => {
    expect(windows(['0123456789abcdefghij'], 4, 2)).toEqual(['01', '67', 'cd', 'ij'])
    expect(windows(['0123456789'], 2, 3)).toEqual(['012', '789'])
  })

  test('run over the ends of texts, and through empty ones', () => {
    expect(windows(['01', '', '2', '3456789'], 3, 4)).toEqual(['0123', '3456', '6789'])
    expect(windows(['', '0123456789', ''], 2, 5)).toEqual(['01234', '56789'])
  })

  test('do not cut a character in two', () => {
    for (const window of windows(['x😀😀😀😀😀😀😀😀😀y'], 7, 3)) expect(window.isWellFormed()).toBe(true)
    for (const window of windows(['x', '😀😀😀😀', '😀😀😀y'], 5, 3)) expect(window.isWellFormed()).toBe(true)
    expect(windows(['a\udc00bcdefg'], 2, 2)[0]).toBe('a\udc00')
  })

  test('that would begin or end within a character do so before it', () => {
    expect(windows(['a\u{10000}b\u{10000}c'], 2, 2)).toEqual(['a', '\u{10000}c'])
    expect(windows(['a\u{103ff}b\u{103ff}c'], 2, 2)).toEqual(['a', '\u{103ff}c'])
    // Half of one, with nothing before it.
    expect(windows(['\udc00bcdef'], 2, 2)).toEqual(['\udc00b', 'ef'])
  })

  test('of characters that are no pairs are just as long as they were to be', () => {
    expect(windows(['\udbff\udbff\udbff\ue000\ue000\ue000'], 2, 2)).toEqual(['\udbff\udbff', '\ue000\ue000'])
    expect(windows(['中文，ＡＢ'], 2, 3)).toEqual(['中文，', '，ＡＢ'])
  })

  test('of any texts are parts of them side by side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 0, maxLength: 20 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 2, max: 6 }),
        (texts, samples) => {
          const whole = texts.join('')
          if (whole.length < 8) return
          for (const window of windows(texts, samples, 4)) {
            expect(whole).toContain(window)
            expect(window.length).toBe(4)
          }
        },
      ),
    )
  })
})

describe('the ratio', () => {
  test('of an even text is what it is', () => {
    expect(sampledRatio(['ab'.repeat(500)], 1_000, { samples: 8, size: 20 }, vowels, size)).toBe(0.5)
  })

  test('is the sum over the sum, and its standard error more', () => {
    // Ten of ten, and none of ten: 10/20, residuals 5 and -5, so the error is sqrt(50 * 2 / 1) / 20.
    const uneven = `${'a'.repeat(10)}${'x'.repeat(10)}`
    expect(sampledRatio([uneven], 20, { samples: 2, size: 10 }, vowels, size)).toBeCloseTo(0.5 + 10 / 20, 12)
    // Of three: 10, 5, 0 of ten each.
    const three = `${'a'.repeat(10)}${'ax'.repeat(5)}${'x'.repeat(10)}`
    const error = Math.sqrt((50 * 3) / 2) / 30
    expect(sampledRatio([three], 30, { samples: 3, size: 10 }, vowels, size)).toBeCloseTo(0.5 + error, 12)
  })

  test('to nothing is nothing, and of no text at all', () => {
    expect(sampledRatio([], 0, { samples: 2, size: 2 }, size, size)).toBe(0)
    expect(sampledRatio(['xxxx'], 4, { samples: 2, size: 2 }, size, () => 0)).toBe(0)
  })
})

import * as fc from 'fast-check'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { buildRankTable } from './build-rank-table.ts'
import { createEncoder, type Encoder } from './encoder.ts'
import { exactPart } from './exact-part.ts'
import { KnownCounts } from './known-counts.ts'
import { anyText } from './texts.fixture.ts'

const encoder = createEncoder(buildRankTable(o200k))
const STRETCH = 4_096

/** An encoder that says how much it was given. */
function watched(): { readonly encoder: Encoder; taken(): number } {
  let characters = 0
  return {
    encoder: {
      ...encoder,
      count(text) {
        characters += text.length
        return encoder.count(text)
      },
    },
    taken() {
      const before = characters
      characters = 0
      return before
    },
  }
}

const words = (length: number, word = 'load ') =>
  word.repeat(Math.ceil(length / word.length)).slice(0, length)
const sum = (texts: readonly string[]) => texts.reduce((total, text) => total + encoder.count(text), 0)

describe('an input that is short', () => {
  test('is counted whole, and its longer texts only once', () => {
    const { encoder: watching, taken } = watched()
    const known = new KnownCounts()
    const texts = ['', 'Hello', words(8_000), 'Ahoy']
    const part = exactPart(texts, watching, known, STRETCH)
    expect(part).toEqual({ tokens: sum(texts), rest: [] })
    expect(taken()).toBe(8_009)
    expect(exactPart(texts, watching, known, STRETCH)).toEqual(part)
    expect(taken()).toBe(9)
  })

  test('is so up to 8,192 characters', () => {
    const part = (length: number) => exactPart([words(length)], encoder, new KnownCounts(), STRETCH)
    expect(part(8_192).rest).toEqual([])
    expect(part(8_193).rest).toHaveLength(1)
  })

  test('is so however much of it is known', () => {
    const known = new KnownCounts()
    const before = [words(8_000), words(8_000, 'ship ')]
    for (const text of before) exactPart([text], encoder, known, STRETCH)
    const texts = [...before, words(8_000, 'line ')]
    expect(exactPart(texts, encoder, known, STRETCH)).toEqual({ tokens: sum(texts), rest: [] })
  })
})

describe('an input that is long', () => {
  test('is counted a stretch at a time, and then known', () => {
    const { encoder: watching, taken } = watched()
    const known = new KnownCounts()
    const text = words(20_000)
    const left: number[] = []
    for (let call = 0; call < 6; call++) {
      const { tokens, rest } = exactPart([text], watching, known, STRETCH)
      left.push(rest.join('').length)
      expect(text.endsWith(rest.join(''))).toBe(true)
      expect(tokens).toBe(encoder.count(text.slice(0, text.length - rest.join('').length)))
      expect(taken()).toBeLessThanOrEqual(8_192)
    }
    // Cut before a blank, four characters short of each stretch at most; the last 8,192 go at once.
    expect(left[0]).toBeGreaterThanOrEqual(20_000 - STRETCH)
    expect(left[0]).toBeLessThan(20_000 - STRETCH + 5)
    expect(left.slice(2)).toEqual([left[2], 0, 0, 0])
    expect(exactPart([text], watching, known, STRETCH).tokens).toBe(encoder.count(text))
    expect(taken()).toBe(0)
  })

  test('spends its stretch on the first texts that it can keep', () => {
    const known = new KnownCounts()
    const short = Array.from({ length: 100 }, (_, index) => words(60, `${index} `))
    const texts = [...short, words(3_000), words(3_000, 'ship '), words(9_000, 'line ')]
    const { rest } = exactPart(texts, encoder, known, STRETCH)
    expect(rest.slice(0, 100)).toEqual(short)
    expect(rest.slice(100).map(({ length }) => length)).toEqual([expect.any(Number), 9_000])
    expect(known.get(texts[100]!)?.upTo).toBe(3_000)
    expect(known.get(texts[101]!)?.upTo).toBeGreaterThan(1_000)
    expect(known.get(texts[101]!)?.upTo).toBeLessThanOrEqual(1_096)
    expect(known.get(texts[102]!)).toBeUndefined()
  })

  test('that cannot be cut is left as it is', () => {
    const { encoder: watching, taken } = watched()
    const known = new KnownCounts()
    const text = 'a'.repeat(100_000)
    expect(exactPart([text], watching, known, STRETCH)).toEqual({ tokens: 0, rest: [text] })
    expect(taken()).toBe(0)
    expect(known.size.texts).toBe(0)
  })

  test('that is too long to be kept is not begun', () => {
    const text = words(262_145)
    expect(exactPart([text], encoder, new KnownCounts(), STRETCH)).toEqual({ tokens: 0, rest: [text] })
  })
})

test('whatever comes and comes again, what is counted is exact, and the rest is the rest', () => {
  const piece = fc.tuple(anyText, fc.integer({ min: 1, max: 400 })).map(([text, times]) => text.repeat(times))
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (texts) => {
      const known = new KnownCounts()
      const { encoder: watching, taken } = watched()
      for (let call = 0; call < 4; call++) {
        const { tokens, rest } = exactPart(texts, watching, known, 512)
        expect(taken()).toBeLessThanOrEqual(8_192)
        const left = new Map<string, string[]>()
        for (const text of texts) {
          const upTo = known.get(text)?.upTo ?? (rest.includes(text) ? 0 : text.length)
          left.set(text, [text.slice(0, upTo), text.slice(upTo)])
        }
        expect(rest).toEqual(texts.map((text) => left.get(text)![1]!).filter((text) => text !== ''))
        expect(tokens).toBe(sum(texts.map((text) => left.get(text)![0]!)))
      }
    }),
    { numRuns: 60 },
  )
})

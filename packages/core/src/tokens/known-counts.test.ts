import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KnownCounts } from './known-counts.ts'

const MOST_CHARACTERS = 4 * 1_024 * 1_024
const MOST_TEXTS = 16_384
const LONGEST = 262_144

/** Texts that differ, of one length. */
function texts(count: number, length: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${index} `.padEnd(length, 'x'))
}

describe('what is known of a text', () => {
  test('is what was last said, of the same words in another string too', () => {
    const known = new KnownCounts()
    const text = 'You are a helpful assistant. '.repeat(10)
    expect(known.get(text)).toBeUndefined()
    known.set(text, { tokens: 20, upTo: 100 })
    known.set(text, { tokens: 60, upTo: text.length })
    expect(known.get([...text].join(''))).toEqual({ tokens: 60, upTo: text.length })
    expect(known.size).toEqual({ characters: text.length, texts: 1 })
  })

  test.each([
    [0, false],
    [63, false],
    [64, true],
    [262_144, true],
    [262_145, false],
  ])('is kept for one of %d characters: %s', (length, kept) => {
    const known = new KnownCounts()
    const text = 'x'.repeat(length)
    known.set(text, { tokens: 1, upTo: 1 })
    expect(known.keeps(text)).toBe(kept)
    expect(known.get(text) !== undefined).toBe(kept)
    expect(known.size.texts).toBe(kept ? 1 : 0)
  })
})

describe('room', () => {
  test('is made for a new text by those used least recently, as many as it takes', () => {
    const known = new KnownCounts()
    const large = texts(16, LONGEST)
    for (const text of large) known.set(text, { tokens: 1, upTo: 1 })
    expect(known.size).toEqual({ characters: MOST_CHARACTERS, texts: 16 })
    known.get(large[0]!)
    const small = 'y'.repeat(64)
    known.set(small, { tokens: 2, upTo: 64 })
    expect(known.size).toEqual({ characters: MOST_CHARACTERS - LONGEST + 64, texts: 16 })
    expect(large.filter((text) => known.get(text) === undefined)).toEqual([large[1]])
    expect(known.get(small)).toEqual({ tokens: 2, upTo: 64 })
    for (const letter of ['a', 'b']) known.set(letter.repeat(LONGEST), { tokens: 1, upTo: 1 })
    expect(large.filter((text) => known.get(text) === undefined)).toEqual([large[0], large[1], large[2]])
  })

  test('is for so many texts, however short', () => {
    const known = new KnownCounts()
    const many = texts(MOST_TEXTS + 1, 64)
    for (const text of many.slice(1)) known.set(text, { tokens: 1, upTo: 1 })
    expect(known.size.texts).toBe(MOST_TEXTS)
    known.set(many[0]!, { tokens: 1, upTo: 1 })
    expect(known.size).toEqual({ characters: MOST_TEXTS * 64, texts: MOST_TEXTS })
    expect(known.get(many[1]!)).toBeUndefined()
    expect(known.get(many[2]!)).toBeDefined()
  })

  test('is used as a list of the most recent would, whatever comes', () => {
    const step = fc.record({ text: fc.nat(19), set: fc.boolean() })
    const pool = Array.from({ length: 20 }, (_, index) => `${index} `.padEnd(LONGEST + 1 - index * 100, '.'))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const known = new KnownCounts()
        let recent: string[] = []
        for (const { text: index, set } of steps) {
          const text = pool[index]!
          const had = recent.includes(text)
          if (set) known.set(text, { tokens: index, upTo: index })
          const has = known.get(text) !== undefined
          expect(has).toBe(set ? known.keeps(text) : had)
          if (has) recent = [...recent.filter((other) => other !== text), text]
          while (recent.reduce((sum, { length }) => sum + length, 0) > MOST_CHARACTERS) recent.shift()
          expect(known.size).toEqual({
            characters: recent.reduce((sum, { length }) => sum + length, 0),
            texts: recent.length,
          })
        }
      }),
      { numRuns: 50 },
    )
  })
})

test('a stretch of a longer text does not keep that alive', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const known = new KnownCounts()
  // What lies outside the heap is let go a turn after its string was found dead.
  const inUse = async (): Promise<number> => {
    collect()
    await setImmediate()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = await inUse()
  for (let index = 0; index < 100; index++) {
    const long = Buffer.alloc(2_000_000, `${index} `).toString('latin1')
    known.set(long.slice(1_000, 2_000), { tokens: 1, upTo: 1_000 })
    known.get(long.slice(1_000, 2_000))
  }
  // They were 200 MB.
  expect((await inUse()) - before).toBeLessThan(50_000_000)
  expect(known.size.texts).toBe(100)
})

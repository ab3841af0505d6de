import { describe, expect, it } from 'vitest'
import { createPeaks } from '../src/limits/peaks.ts'
import { createPrefixCache } from '../src/prompt/prefix-cache.ts'
import { readSteering } from '../src/prompt/steering.ts'
import { countTokens } from '../src/prompt/tokenizer.ts'

describe('the tokenizer', () => {
  it.each([
    ['', 0],
    ['the quick brown fox', 4],
    ['internationalisation', 5],
    ['1234567', 3],
    ['a, b!', 4],
    ['你好世界', 4],
    ['\n\n    indented', 4],
    ['Привет', 2],
    ['👍', 2],
  ])('%o', (text, tokens) => {
    expect(countTokens(text)).toBe(tokens)
  })

  it('takes time in proportion to the text', () => {
    expect(countTokens('word '.repeat(200_000))).toBe(200_000)
  })
})

describe('steering', () => {
  it('reads markers anywhere in the text, and leaves other brackets alone', () => {
    expect(readSteering('a [[tokens=12]] b [[tool=f.x-1 {"a":{"b":[1]}}]]')).toEqual({
      tokens: 12,
      tool: { name: 'f.x-1', arguments: '{"a":{"b":[1]}}' },
    })
    expect(readSteering('[[tool=f]]')).toEqual({ tool: { name: 'f', arguments: '{}' } })
    expect(readSteering('[[tool=f {broken}]]')).toEqual({ tool: { name: 'f', arguments: '{}' } })
    expect(readSteering('[[1, 2], [3]] [[tokens=many]]')).toEqual({})
  })
})

describe('what is remembered', () => {
  it('of prefixes is bounded, and forgotten in time', () => {
    const cache = createPrefixCache(100)
    const prefixes = Array.from({ length: 10_001 }, (_, hash) => ({ hash, tokens: hash, mark: undefined }))
    cache.remember(0, prefixes)
    expect(cache.find(50, prefixes.slice(0, 1))).toBeUndefined()
    expect(cache.find(50, prefixes)?.hash).toBe(10_000)
    expect(cache.find(100, prefixes.slice(0, -1))).toBeUndefined()
    // What was read at 50 is kept from then on.
    expect(cache.find(149, prefixes)?.hash).toBe(10_000)
    expect(cache.find(249, prefixes)).toBeUndefined()
  })

  it('of prefixes is kept twelve times as long when it is marked for an hour', () => {
    const cache = createPrefixCache(100)
    const marked = (mark: '5m' | '1h'): Parameters<typeof cache.remember>[1] => [{ hash: 1, tokens: 1, mark }]
    cache.remember(0, marked('1h'))
    expect(cache.find(1199, marked('5m'))).toBeDefined()
    expect(cache.find(2398, marked('5m'))).toBeDefined()
    expect(cache.find(3598, marked('5m'))).toBeUndefined()
    cache.remember(4000, marked('5m'))
    expect(cache.find(4100, marked('5m'))).toBeUndefined()
  })

  it('of levels is bounded', () => {
    const peaks = createPeaks()
    for (let time = 0; time < 20_000; time++) peaks.add(time, 20_000 - time)
    expect(peaks.highestAfter(-1)).toBeLessThan(12_000)
    expect(peaks.highestAfter(19_998)).toBe(1)
  })
})

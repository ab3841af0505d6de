import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { slices } from './slices.ts'

test('texts are handed over in order, no slice longer than it may be', () => {
  expect([...slices(['abc', 'defgh', '', 'i'], 4)]).toEqual([
    { texts: ['abc', 'd'], isCut: true },
    { texts: ['efgh', '', ''], isCut: true },
    { texts: ['i'], isCut: false },
  ])
})

test('nothing is a slice of nothing', () => {
  expect([...slices([], 4)]).toEqual([{ texts: [], isCut: false }])
  expect([...slices([''], 4)]).toEqual([{ texts: [''], isCut: false }])
})

test('whatever comes, put together again it is the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 1, max: 12 }), (texts, size) => {
      const whole: string[] = []
      let before: string | undefined
      for (const slice of slices(texts, size)) {
        expect(slice.texts.join('').length).toBeLessThanOrEqual(size)
        const parts = [...slice.texts]
        if (before !== undefined) parts[0] = before + parts[0]
        before = slice.isCut ? parts.pop() : undefined
        whole.push(...parts)
      }
      expect(before).toBeUndefined()
      expect(whole).toEqual(texts)
    }),
  )
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LONGEST_REMEMBERED, PieceMemo } from './piece-memo.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

test('gives a count for the same bytes, and 0 for others', () => {
  const memo = new PieceMemo()
  expect(memo.get(bytes('tokens'), 6)).toBe(0)
  memo.set(bytes('tokens'), 6, 3)
  expect(memo.get(bytes('tokens'), 6)).toBe(3)
  expect(memo.get(bytes('tokens and more'), 6)).toBe(3)
  expect(memo.get(bytes('tokens and more'), 7)).toBe(0)
  expect(memo.get(bytes('token'), 5)).toBe(0)
})

test('the longest that is remembered', () => {
  const memo = new PieceMemo()
  const longest = bytes('x'.repeat(LONGEST_REMEMBERED))
  memo.set(longest, longest.length, LONGEST_REMEMBERED)
  expect(memo.get(longest, longest.length)).toBe(LONGEST_REMEMBERED)
})

test('whatever came before, a count is of the very bytes, and the last to come is there', () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: LONGEST_REMEMBERED })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 50 }), (pieces) => {
      const memo = new PieceMemo()
      const counts = new Map<string, number>()
      for (const [index, one] of pieces.entries()) {
        memo.set(one, one.length, (index % 24) + 1)
        counts.set(one.join(), (index % 24) + 1)
        expect(memo.get(one, one.length)).toBe((index % 24) + 1)
      }
      for (const one of pieces) expect([0, counts.get(one.join())]).toContain(memo.get(one, one.length))
    }),
  )
})

test('thousands of pieces push one another out, and are never mistaken', () => {
  const memo = new PieceMemo()
  const texts = Array.from({ length: 20_000 }, (_, index) => bytes(`piece ${index}`))
  for (const [index, text] of texts.entries()) memo.set(text, text.length, (index % 20) + 1)
  const known = texts.map((text) => memo.get(text, text.length))
  expect(known.every((count, index) => count === 0 || count === (index % 20) + 1)).toBe(true)
  const kept = known.filter((count) => count > 0).length
  expect(kept).toBeGreaterThan(3_000)
  expect(kept).toBeLessThanOrEqual(4_096)
})

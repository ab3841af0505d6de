import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText } from './texts.fixture.ts'
import { writeUtf8 } from './utf8.ts'

const encoder = new TextEncoder()

function written(text: string, from = 0, to = text.length): number[] {
  const bytes = new Uint8Array(3 * text.length + 1).fill(0xaa)
  const length = writeUtf8(text, from, to, bytes)
  // Not a byte more than it says.
  expect(bytes[length]).toBe(0xaa)
  return [...bytes.subarray(0, length)]
}

test('every code unit, by itself and before another', () => {
  const wrong: number[] = []
  const bytes = new Uint8Array(8)
  for (let unit = 0; unit < 0x1_00_00; unit++) {
    const text = `${String.fromCharCode(unit)}\udc01`
    for (const to of [1, 2]) {
      const length = writeUtf8(text, 0, to, bytes)
      const expected = encoder.encode(text.slice(0, to))
      if (Buffer.compare(bytes.subarray(0, length), expected) !== 0) wrong.push(unit)
    }
  }
  expect(wrong).toEqual([])
})

test('any stretch of any text is as the platform writes it', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), fc.nat(40), (text, start, length) => {
      const from = Math.min(start, text.length)
      const to = Math.min(from + length, text.length)
      expect(written(text, from, to)).toEqual([...encoder.encode(text.slice(from, to))])
    }),
    { numRuns: 2_000 },
  )
})

test('a pair is not made with what is behind the stretch', () => {
  expect(written('\u{1f6a2}', 0, 1)).toEqual([0xef, 0xbf, 0xbd])
})

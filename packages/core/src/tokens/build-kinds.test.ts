import { expect, test } from 'vitest'
import { buildKinds } from './build-kinds.ts'
import { LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, PAIR, SPACE, UPPER } from './kinds.ts'

const EXPRESSIONS: readonly (readonly [RegExp, number])[] = [
  [/^\p{M}$/u, MARK],
  [/^[\p{Lm}\p{Lo}]$/u, LETTER],
  [/^[\p{Lu}\p{Lt}]$/u, UPPER],
  [/^\p{Ll}$/u, LOWER],
  [/^\p{N}$/u, NUMBER],
  [/^[^\S\r\n]$/u, SPACE],
  [/^[\r\n]$/u, NEWLINE],
]

function kindOf(code: number): number {
  if (code >= 0xd800 && code < 0xdc00) return PAIR
  const character = String.fromCodePoint(code)
  return EXPRESSIONS.find(([expression]) => expression.test(character))?.[1] ?? OTHER
}

test('every code point is of the kind that the engine says', () => {
  const kinds = buildKinds()
  expect(kinds.length).toBe(0x11_00_00)
  const wrong: number[] = []
  for (let code = 0; code < kinds.length; code++) if (kinds[code] !== kindOf(code)) wrong.push(code)
  expect(wrong).toEqual([])
})

test('threads can share it', () => {
  expect(buildKinds().buffer).toBeInstanceOf(SharedArrayBuffer)
})

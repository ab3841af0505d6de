import { type Kinds, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, PAIR, SPACE, UPPER } from './kinds.ts'

const CODE_POINTS = 0x11_00_00
const SURROGATES = 0xd800
const LOW_SURROGATES = 0xdc00
const AFTER_SURROGATES = 0xe000
const PLANE = 0x1_00_00
/** Beyond the first. The others are unassigned or private: nothing of any kind. */
const PLANES = [1, 2, 3, 14]

/** Each goes on from where it is put: no match is made into an object. */
const OF_ONE_KIND: readonly (readonly [RegExp, number])[] = [
  [/[^\p{L}\p{M}\p{N}\s]+/uy, OTHER],
  [/[\p{Lm}\p{Lo}]+/uy, LETTER],
  [/\p{M}+/uy, MARK],
  [/\p{Ll}+/uy, LOWER],
  [/[\p{Lu}\p{Lt}]+/uy, UPPER],
  [/\p{N}+/uy, NUMBER],
  [/[\r\n]+/uy, NEWLINE],
  [/[^\S\r\n]+/uy, SPACE],
]

let built: Kinds | undefined

/**
 * Asks the engine's own expressions about every code point, so that what is made of the answers agrees with them. Takes
 * some tens of milliseconds, once in a thread: not for the main one.
 */
export function buildKinds(): Kinds {
  return (built ??= build())
}

function build(): Kinds {
  // Shared by the threads that count, not copied. Pages of nothing but `OTHER` take no memory.
  const kinds = new Uint8Array(new SharedArrayBuffer(CODE_POINTS))
  // Surrogates by themselves are of no kind; side by side, they would be taken for pairs.
  mark(kinds, 0, SURROGATES)
  mark(kinds, AFTER_SURROGATES, PLANE)
  for (const plane of PLANES) mark(kinds, plane * PLANE, (plane + 1) * PLANE)
  kinds.fill(PAIR, SURROGATES, LOW_SURROGATES)
  return kinds
}

function mark(kinds: Kinds, from: number, to: number): void {
  const text = textOf(from, to)
  const width = text.length / (to - from)
  for (let start = 0; start < text.length;) {
    const [end, kind] = runAt(text, start)
    if (kind !== OTHER) kinds.fill(kind, from + start / width, from + end / width)
    start = end
  }
}

/** How far what begins somewhere is of one kind, and of which. */
function runAt(text: string, start: number): readonly [number, number] {
  for (const [expression, kind] of OF_ONE_KIND) {
    expression.lastIndex = start
    if (expression.test(text)) return [expression.lastIndex, kind]
  }
  throw new Error(`A code point is of no kind: ${text.codePointAt(start)}.`)
}

/** Every code point of a range that is within the first plane, or beyond it. */
function textOf(from: number, to: number): string {
  const isPaired = from >= PLANE
  const units = new Uint16Array((to - from) * (isPaired ? 2 : 1))
  let length = 0
  for (let code = from; code < to; code++) {
    if (isPaired) units[length++] = SURROGATES + ((code - PLANE) >> 10)
    units[length++] = isPaired ? LOW_SURROGATES + (code & 0x3ff) : code
  }
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(units)
}

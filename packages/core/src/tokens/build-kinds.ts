import { type Kinds, LETTER, LOWER, MARK, NEWLINE, NUMBER, PAIR, SPACE, UPPER } from './kinds.ts'

const CODE_POINTS = 0x11_00_00
const SURROGATES = 0xd800
const LOW_SURROGATES = 0xdc00
const AFTER_SURROGATES = 0xe000
const PLANE = 0x1_00_00
/** Beyond the first. The others are unassigned or private: nothing of any kind. */
const PLANES = [1, 2, 3, 14]

/** Most of a plane is of no kind: it is passed over at once, and not once for each. */
const OF_SOME_KIND = /[\p{L}\p{M}\p{N}\s]+/gu
/** A group a kind. */
const OF_ONE_KIND = /([\p{Lm}\p{Lo}]+)|(\p{M}+)|(\p{Ll}+)|([\p{Lu}\p{Lt}]+)|(\p{N}+)|([\r\n]+)|(\s+?)/gu
const KINDS = [LETTER, MARK, LOWER, UPPER, NUMBER, NEWLINE, SPACE]

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
  for (const some of text.matchAll(OF_SOME_KIND)) {
    const start = from + some.index / width
    for (const { 0: found, index, ...groups } of some[0].matchAll(OF_ONE_KIND)) {
      const kind = KINDS.findIndex((_, group) => groups[group + 1] !== undefined)
      kinds.fill(KINDS[kind]!, start + index / width, start + (index + found.length) / width)
    }
  }
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

import type { Cutting } from './pieces.ts'

/** `'s` and the like, in any case: one letter behind the apostrophe, or two. */
const CONTRACTION = `'s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D`
const UPPER_WORD = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
const LOWER_WORD = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
const BEFORE_WORD = String.raw`[^\r\n\p{L}\p{N}]?`
const BLANKS = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`

const PATTERNS: Readonly<Record<string, Cutting>> = {
  // o200k_base
  [[
    `${BEFORE_WORD}${UPPER_WORD}*${LOWER_WORD}+(${CONTRACTION})?`,
    `${BEFORE_WORD}${UPPER_WORD}+${LOWER_WORD}*(${CONTRACTION})?`,
    String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${BLANKS}`,
  ].join('|')]: 'by-case',
  // cl100k_base
  [[
    `(${CONTRACTION})`,
    String.raw`${BEFORE_WORD}\p{L}+`,
    String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|${BLANKS}`,
  ].join('|')]: 'by-word',
}

/**
 * Which way of cutting a rank file's pattern is.
 *
 * @throws {Error} for a pattern that none of them was written for
 */
export function cuttingOf(pattern: string): Cutting {
  const cutting = Object.hasOwn(PATTERNS, pattern) ? PATTERNS[pattern] : undefined
  if (cutting === undefined) throw new Error(`Text cannot be cut by the pattern ${pattern}.`)
  return cutting
}

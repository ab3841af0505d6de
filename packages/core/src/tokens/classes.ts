import type { Encoding } from './encoding.ts'

/** What a UTF-16 code unit is to an encoding's splitting pattern, as far as it can be told without one. */
const LOWER = 0
const UPPER = 1
const DIGIT = 2
const PUNCTUATION = 3
const SPACE = 4
const NEWLINE = 5
const HAN = 6
const KANA = 7
const HANGUL = 8
const WIDE_PUNCTUATION = 9
const GREEK_CYRILLIC = 10
const OTHER_SCRIPT = 11
const SURROGATE = 12
const SYMBOL = 13
const JOINER = 14
/** Before the text, and behind it. */
const NOTHING = 15

/** Tokens by class: of the first unit of a run, and of each further one. */
interface Weights {
  readonly first: readonly number[]
  readonly rest: readonly number[]
}

/**
 * Fitted, with a little to spare, to the exact counts of 3,000 slices of prose, code, JSON, base64 and fifteen languages;
 * what is not Latin is dearer in the older encoding.
 */
const WEIGHTS: Readonly<Record<Encoding, Weights>> = {
  //          a     A     1     ,     blank line  han   kana  hangul wide  greek other pair  symbol joiner
  o200k_base: {
    first: [0.91, 0.91, 1.35, 0.79, 0.0, 0.85, 1.0, 0.75, 0.74, 1.2, 0.28, 0.45, 0.9, 1.25, 0.85],
    rest: [0.0, 0.04, 0.0, 0.19, 0.0, 0.0, 0.77, 0.75, 0.74, 1.2, 0.28, 0.45, 0.9, 1.25, 0.85],
  },
  cl100k_base: {
    first: [0.91, 0.91, 1.35, 0.79, 0.0, 0.85, 1.3, 1.0, 1.2, 1.2, 0.5, 0.9, 1.5, 1.4, 1.4],
    rest: [0.0, 0.04, 0.0, 0.19, 0.0, 0.0, 1.2, 1.0, 1.2, 1.2, 0.5, 0.9, 1.5, 1.4, 1.4],
  },
}

/** Longer words are made of more tokens: added for each letter past these many. */
const SHORT_WORD = 5
const LONG_WORD = 9
const PER_LETTER_PAST_SHORT = 0.13
const PER_LETTER_PAST_LONG = 0.33
const PER_ACCENT = 1
/** Letters that change case in a run that holds digits are no words: base64, keys, hashes. */
const PER_CHANGE_IN_BLOB = 1.5
/** A run of two blanks or more is a token, but for its last blank. A single one belongs to the word behind it. */
const RUN_OF_SPACES = 0.67
const NEWLINE_AFTER_PUNCTUATION = 0.62

/**
 * Tokens of a text, from the classes of its characters alone: until an encoding's ranks are there, or where they never
 * will be. One pass, nothing allocated. Errs by some 5 % on prose, code and JSON, by 10 to 15 % on other things.
 */
export function estimateByClasses(text: string, encoding: Encoding = 'o200k_base'): number {
  const { first, rest } = WEIGHTS[encoding]
  let tokens = 0
  let previous = NOTHING
  let run = 0
  let inBlob = false
  for (let index = 0; index < text.length;) {
    let kind = classAt(text, index)
    if (kind <= UPPER) {
      tokens += first[kind]!
      if (previous === LOWER && inBlob) tokens += PER_CHANGE_IN_BLOB
      // The word at once: capitals, then small letters. Most texts are made of little else.
      const start = index
      let capitals = 0
      for (; kind === UPPER; kind = classAt(text, index)) {
        if (text.charCodeAt(index++) >= 128) tokens += PER_ACCENT
        capitals++
      }
      if (capitals > 0) tokens += (capitals - 1) * rest[UPPER]!
      previous = UPPER
      for (; kind === LOWER; kind = classAt(text, index)) {
        if (text.charCodeAt(index++) >= 128) tokens += PER_ACCENT
        previous = LOWER
      }
      tokens += lengthOfWord(index - start)
      continue
    }
    if (kind !== previous) {
      run = 0
      tokens += kind === NEWLINE && previous === PUNCTUATION ? NEWLINE_AFTER_PUNCTUATION : first[kind]!
    } else {
      run++
      tokens += rest[kind]!
      if (kind === DIGIT && run % 3 === 0) tokens += first[DIGIT]!
      else if (kind === SPACE && run === 1) tokens += RUN_OF_SPACES
    }
    inBlob = kind === DIGIT
    previous = kind
    index++
  }
  return tokens
}

/** What so many letters in a row take beyond the first token. */
function lengthOfWord(letters: number): number {
  if (letters <= SHORT_WORD) return 0
  if (letters <= LONG_WORD) return (letters - SHORT_WORD) * PER_LETTER_PAST_SHORT
  return (LONG_WORD - SHORT_WORD) * PER_LETTER_PAST_SHORT + (letters - LONG_WORD) * PER_LETTER_PAST_LONG
}

function classAt(text: string, index: number): number {
  if (index >= text.length) return NOTHING
  const code = text.charCodeAt(index)
  return code < 128 ? ASCII[code]! : kindOf(code)
}

const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 97 && code <= 122) return LOWER
  if (code >= 65 && code <= 90) return UPPER
  if (code >= 48 && code <= 57) return DIGIT
  if (code === 32 || code === 9) return SPACE
  if (code === 10 || code === 13) return NEWLINE
  return PUNCTUATION
})

function kindOf(code: number): number {
  if (code < 0x0370) return latin(code)
  if (code < 0x0530) return GREEK_CYRILLIC
  if (code < 0x2000) return OTHER_SCRIPT
  if (code < 0x2e80) return code === 0x200d ? JOINER : SYMBOL
  if (code < 0x3040) return code >= 0x3000 ? WIDE_PUNCTUATION : HAN
  if (code < 0x3100) return KANA
  if (code < 0xa000) return HAN
  if (code < 0xac00) return OTHER_SCRIPT
  if (code < 0xd7b0) return HANGUL
  if (code < 0xe000) return SURROGATE
  if (code >= 0xf900 && code < 0xfb00) return HAN
  if (code >= 0xfe00 && code < 0xfe10) return JOINER
  return code >= 0xff00 ? WIDE_PUNCTUATION : OTHER_SCRIPT
}

function latin(code: number): number {
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return SYMBOL
  return code < 0xdf ? UPPER : LOWER
}

import { type Kinds, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, PAIR, SPACE, UPPER } from './kinds.ts'

/**
 * Where the piece that starts at `from` ends. Pieces follow one another without a gap, and are what the encoding's
 * pattern would match.
 *
 * @param from - the start of a piece, below `text.length`
 */
export type PieceEnd = (text: string, from: number, kinds: Kinds) => number

/** The ways of cutting that are known: `o200k_base` minds the case of letters, `cl100k_base` does not. */
export type Cutting = 'by-case' | 'by-word'

const LINE_FEED = 0x0a
const RETURN = 0x0d
const BLANK = 0x20
const APOSTROPHE = 0x27
const SLASH = 0x2f
const LETTER_D = 0x64
const LETTER_E = 0x65
const LETTER_L = 0x6c
const LETTER_M = 0x6d
const LETTER_R = 0x72
const LETTER_S = 0x73
const LETTER_T = 0x74
const LETTER_V = 0x76
/** Makes a capital of ASCII small; of nothing else it makes a letter. */
const LOWER_CASE = 0x20

/** Beyond the text. */
const END = 15
/** Added to a kind: the character takes two code units. */
const WIDE = 16

/** The kind of the character at an index, and whether it is wide. */
function look(text: string, index: number, kinds: Kinds): number {
  if (index >= text.length) return END
  const kind = kinds[text.charCodeAt(index)]!
  if (kind !== PAIR) return kind
  const code = text.codePointAt(index)!
  return code > 0xffff ? kinds[code]! + WIDE : OTHER
}

/** As `o200k_base` does: words end where a capital follows a small letter, and keep their contraction. */
function endByCase(text: string, from: number, kinds: Kinds): number {
  const first = look(text, from, kinds)
  const kind = first % WIDE
  const after = from + 1 + (first >= WIDE ? 1 : 0)
  if (kind === NUMBER) return endOfNumber(text, after, kinds)
  if (kind === NEWLINE) return endOfBlanks(text, from, kinds)
  const isLetter = kind >= LETTER && kind <= LOWER
  const start = isLetter ? from : after

  // Capitals first. What has no case may stand among them or begin the small letters: the last one does, if it must.
  let index = start
  let lastWithoutCase = -1
  let seen = look(text, index, kinds)
  for (; ; seen = look(text, index, kinds)) {
    const now = seen % WIDE
    if (now !== UPPER && now !== LETTER && now !== MARK) break
    index += seen >= WIDE ? 2 : 1
    if (now !== UPPER) lastWithoutCase = index
  }
  if (seen % WIDE === LOWER) return withContraction(text, endOfLower(text, index, kinds))
  if (lastWithoutCase >= 0) return withContraction(text, lastWithoutCase)
  // A mark is a word by itself, and would rather be one than stand before capitals.
  if (kind === MARK) return withContraction(text, after)
  if (index > start) return withContraction(text, index)
  return endOfOther(text, from, kind, after, kinds, true)
}

/** As `cl100k_base` does: words are letters of any case, and a contraction is a piece of its own. */
function endByWord(text: string, from: number, kinds: Kinds): number {
  const contracted = withContraction(text, from)
  if (contracted > from) return contracted
  const first = look(text, from, kinds)
  const kind = first % WIDE
  const after = from + 1 + (first >= WIDE ? 1 : 0)
  if (kind === NUMBER) return endOfNumber(text, after, kinds)
  if (kind === NEWLINE) return endOfBlanks(text, from, kinds)
  let index = after
  for (let seen = look(text, index, kinds); ; seen = look(text, index, kinds)) {
    const now = seen % WIDE
    if (now < LETTER || now > LOWER) break
    index += seen >= WIDE ? 2 : 1
  }
  if (index > after || (kind >= LETTER && kind <= LOWER)) return index
  return endOfOther(text, from, kind, after, kinds, false)
}

export const PIECE_ENDS: Readonly<Record<Cutting, PieceEnd>> = { 'by-case': endByCase, 'by-word': endByWord }

function endOfLower(text: string, from: number, kinds: Kinds): number {
  let index = from
  for (;;) {
    const seen = look(text, index, kinds)
    const kind = seen % WIDE
    if (kind !== LOWER && kind !== LETTER && kind !== MARK) return index
    index += seen >= WIDE ? 2 : 1
  }
}

/** Three digits at most; one is behind already. */
function endOfNumber(text: string, from: number, kinds: Kinds): number {
  let index = from
  for (let digits = 1; digits < 3; digits++) {
    const seen = look(text, index, kinds)
    if (seen % WIDE !== NUMBER) break
    index += seen >= WIDE ? 2 : 1
  }
  return index
}

/** Symbols with a blank before them and line ends behind; or else blanks. No word follows the first character. */
function endOfOther(
  text: string,
  from: number,
  kind: number,
  after: number,
  kinds: Kinds,
  withSlashes: boolean,
): number {
  let index = after
  if (kind === SPACE) {
    if (text.charCodeAt(from) !== BLANK) return endOfBlanks(text, from, kinds)
    const next = look(text, index, kinds) % WIDE
    if (next !== OTHER && next !== MARK) return endOfBlanks(text, from, kinds)
  }
  for (;;) {
    const seen = look(text, index, kinds)
    if (seen % WIDE > MARK) break
    index += seen >= WIDE ? 2 : 1
  }
  return endOfLines(text, index, withSlashes ? SLASH : LINE_FEED)
}

/** Behind line ends, and whatever else may stand among them. */
function endOfLines(text: string, from: number, other: number): number {
  for (let index = from; ; index++) {
    const unit = text.charCodeAt(index)
    if (unit !== LINE_FEED && unit !== RETURN && unit !== other) return index
  }
}

/** Up to the last line end among them; without one, all that end the text, or all but the one a word may take along. */
function endOfBlanks(text: string, from: number, kinds: Kinds): number {
  let index = from
  let lastLineEnd = -1
  let kind = look(text, index, kinds)
  for (; kind === SPACE || kind === NEWLINE; kind = look(text, index, kinds)) {
    index++
    if (kind === NEWLINE) lastLineEnd = index
  }
  if (lastLineEnd >= 0) return lastLineEnd
  return index < text.length && index - from > 1 ? index - 1 : index
}

/** The index behind a contraction that is there, or the same. */
function withContraction(text: string, index: number): number {
  if (text.charCodeAt(index) !== APOSTROPHE) return index
  // Beyond the text there is nothing, which no letter equals.
  switch (text.charCodeAt(index + 1) | LOWER_CASE) {
    case LETTER_S:
    case LETTER_T:
    case LETTER_M:
    case LETTER_D:
      return index + 2
    case LETTER_R:
    case LETTER_V:
      return (text.charCodeAt(index + 2) | LOWER_CASE) === LETTER_E ? index + 3 : index
    case LETTER_L:
      return (text.charCodeAt(index + 2) | LOWER_CASE) === LETTER_L ? index + 3 : index
    default:
      return index
  }
}

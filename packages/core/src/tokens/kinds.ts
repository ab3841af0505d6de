/* What a code point is to the patterns by which encodings cut text into pieces. */

/** Neither blank, letter, mark nor number: punctuation, symbols, emoji, half of a surrogate pair. */
export const OTHER = 0
/** `\p{M}`: belongs to a letter before it. */
export const MARK = 1
/** `\p{Lm}` and `\p{Lo}`: letters that know no case, and go with both. */
export const LETTER = 2
/** `\p{Lu}` and `\p{Lt}` */
export const UPPER = 3
/** `\p{Ll}` */
export const LOWER = 4
/** `\p{N}` */
export const NUMBER = 5
/** `\s`, but for line ends. */
export const SPACE = 6
/** `\r` and `\n` */
export const NEWLINE = 7
/** No code point but a code unit: the first half of a surrogate pair, if its second half follows. */
export const PAIR = 8

/** The kind of every code point, by the code point. */
export type Kinds = Uint8Array<ArrayBufferLike>

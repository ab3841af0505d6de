import { type Kinds, LETTER, NEWLINE, NUMBER, OTHER, SPACE } from './kinds.ts'

const APOSTROPHE = 0x27

/**
 * The last place within `text(from..to]` where every way of cutting begins a piece, whatever stands before or behind: so
 * that the tokens of the two parts add up to those of the whole. It is behind a letter or a digit, and before what is
 * neither, nor a mark or an apostrophe that they may take along, nor half of what may be a letter.
 *
 * @returns `from` when there is none
 */
export function cutWithin(text: string, from: number, to: number, kinds: Kinds): number {
  for (let index = Math.min(to, text.length - 1); index > from; index--) {
    const before = kinds[text.charCodeAt(index - 1)]!
    if (before < LETTER || before > NUMBER) continue
    const unit = text.charCodeAt(index)
    const kind = kinds[unit]!
    if (kind === SPACE || kind === NEWLINE || (kind === OTHER && unit !== APOSTROPHE)) return index
  }
  return from
}

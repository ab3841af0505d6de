import { mix } from '../random.ts'

/** Short common words: each is one token to the counter, so a text's length follows from how many it has. */
const WORDS = (
  'the of and to in is that for it as was with be by on not he his but at are this have from or had an they which ' +
  'one you were all her she there would their we him been has when who will no more if out so up said what its ' +
  'about than into them can only other time new some could these two may first then do any like my now over such ' +
  'our man me even most made after also did many off before must well back through years much where your way down ' +
  'should because long each just state those people too mr how little good world make very year still see work'
).split(' ')

/** The words from `from` up to `to` of the endless text that belongs to `hash`: any part of it, in one pass. */
export function words(hash: number, from: number, to: number): string {
  let text = ''
  for (let index = from; index < to; index++) {
    const word = WORDS[mix(hash, index) % WORDS.length] ?? 'the'
    text += index === 0 ? word : ` ${word}`
  }
  return text
}

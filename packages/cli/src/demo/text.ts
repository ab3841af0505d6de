import { seeded } from './random.ts'
import type { Random } from './random.ts'

// Each is one token to a tokenizer, and to most others: a passage then has the size that was asked for.
const WORDS = (
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but ' +
  'not what all were we when your can said there use an each which she do how their if will up other about out many ' +
  'then them these so some her would make like him into time has look two more write go see number no way could ' +
  'people my than first water been call who oil its now find long down day did get come made may part over new sound ' +
  'take only little work know place year live me back give most very after thing our just name good man think say ' +
  'great where help through much before line right too mean old any same tell boy follow came want show also around ' +
  'form three small set put end does another well large must big even such because turn here why ask went men read ' +
  'need land home us move try kind hand picture again change off play spell air away animal house point page letter ' +
  'mother answer found study still learn should order invoice account refund ship late price month plan card'
)
  .split(' ')
  .filter((word) => word.length <= 7)

const TOKENS = 60_000
const SENTENCE = 14

/**
 * Passages of plain English, of a given number of tokens. All are cut out of one text: a slice shares its memory, so
 * that hundreds of long prompts cost next to nothing until they are sent.
 */
export class Library {
  readonly #text: string
  /** Where each token begins. */
  readonly #starts = new Uint32Array(TOKENS + 1)

  constructor(seed: number) {
    const random = seeded(seed)
    const parts: string[] = []
    let length = 0
    for (let token = 0; token < TOKENS; token++) {
      const part =
        token % SENTENCE === SENTENCE - 1 ? '.' : ` ${WORDS[Math.floor(random() * WORDS.length)] ?? 'the'}`
      this.#starts[token] = length
      parts.push(part)
      length += part.length
    }
    this.#starts[TOKENS] = length
    this.#text = parts.join('')
  }

  passage(random: Random, tokens: number): string {
    const from = Math.floor(random() * (TOKENS - tokens))
    return this.#text.slice(this.#starts[from], this.#starts[from + tokens])
  }
}

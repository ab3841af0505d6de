import type { Encoder } from './encoder.ts'
import type { KnownCounts } from './known-counts.ts'

export interface ExactPart {
  /** Tokens of all that is counted. */
  readonly tokens: number
  /** What is not, to be estimated. */
  readonly rest: readonly string[]
}

/** Up to so many characters are counted at once: half a millisecond as a rule, four at worst. */
const EXACT_LENGTH = 8_192

/**
 * Counts texts as far as they are known, or can be counted without holding anybody up.
 *
 * @param stretch - how many characters are counted of more than that: they stay known, and a text that keeps coming is
 *   counted before long
 */
export function exactPart(
  texts: readonly string[],
  encoder: Encoder,
  known: KnownCounts,
  stretch: number,
): ExactPart {
  const open: { readonly text: string; readonly upTo: number; readonly tokens: number }[] = []
  let openLength = 0
  let tokens = 0
  for (const text of texts) {
    const before = known.get(text) ?? NOTHING
    tokens += before.tokens
    if (before.upTo === text.length) continue
    open.push({ text, ...before })
    openLength += text.length - before.upTo
  }

  const isShort = openLength <= EXACT_LENGTH
  let left = isShort ? openLength : stretch
  const rest: string[] = []
  for (const { text, upTo, tokens: before } of open) {
    // What is not kept would be counted again each time, and others never.
    const to = isShort || known.keeps(text) ? end(text, upTo, left, encoder) : upTo
    if (to > upTo) {
      const counted = encoder.count(text.slice(upTo, to))
      known.set(text, { tokens: before + counted, upTo: to })
      tokens += counted
      left -= to - upTo
    }
    if (to < text.length) rest.push(text.slice(to))
  }
  return { tokens, rest }
}

const NOTHING = { tokens: 0, upTo: 0 }

/** Where to stop, of so many characters at most. */
function end(text: string, from: number, most: number, encoder: Encoder): number {
  return text.length - from <= most ? text.length : encoder.cut(text, from, from + most)
}

import { Tiktoken } from 'js-tiktoken/lite'
import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'

export const RANK_FILES = { o200k_base: o200k, cl100k_base: cl100k } as const

/** js-tiktoken's own count, which ours is held against. Takes a second to set up. */
export function referenceCounter(encoding: keyof typeof RANK_FILES): (text: string) => number {
  const reference = new Tiktoken(RANK_FILES[encoding])
  // What would be a special token is text like any other.
  return (text) => reference.encode(text, [], []).length
}

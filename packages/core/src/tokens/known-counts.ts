/** How many tokens a text is, as far as it has been counted. */
export interface Known {
  /** Tokens of its first `upTo` characters. */
  readonly tokens: number
  readonly upTo: number
}

/** Of all texts together. Two bytes each at most. */
const MOST_CHARACTERS = 4 * 1_024 * 1_024
const MOST_TEXTS = 16_384
/** Shorter ones are counted about as fast as they are found. */
const SHORTEST = 64
/** Longer ones would take hundreds of calls to be counted, and put too many others out. */
const LONGEST = MOST_CHARACTERS / 16

/**
 * The exact counts of texts that came before: system prompts, tools, documents, earlier messages. Those used least
 * recently make room for new ones.
 */
export class KnownCounts {
  readonly #texts = new Map<string, Entry>()
  #characters = 0

  /** What is held. */
  get size(): { readonly characters: number; readonly texts: number } {
    return { characters: this.#characters, texts: this.#texts.size }
  }

  get(text: string): Known | undefined {
    const entry = this.keeps(text) ? this.#texts.get(text) : undefined
    if (entry === undefined) return undefined
    // To the end: the first are those used least recently.
    this.#texts.delete(text)
    this.#texts.set(entry.key, entry)
    return entry.known
  }

  /** Whether a text is long enough to be worth it, and not too long. */
  keeps(text: string): boolean {
    return text.length >= SHORTEST && text.length <= LONGEST
  }

  /** Does nothing for what is not kept. */
  set(text: string, known: Known): void {
    if (!this.keeps(text)) return
    const key = this.#texts.get(text)?.key ?? copied(text)
    if (!this.#texts.delete(key)) this.#characters += key.length
    this.#texts.set(key, { key, known })
    for (const oldest of this.#texts.keys()) {
      if (this.#characters <= MOST_CHARACTERS && this.#texts.size <= MOST_TEXTS) break
      this.#texts.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}

interface Entry {
  readonly key: string
  readonly known: Known
}

/**
 * The same text with memory of its own: a stretch of a longer text keeps all of that alive, in V8, and a key would for
 * as long as it is held.
 */
function copied(text: string): string {
  return ` ${text}`.slice(1)
}

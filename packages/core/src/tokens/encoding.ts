/** The encodings whose ranks are known. */
export type Encoding = 'o200k_base' | 'cl100k_base'

/** Looked at in turn. `gpt-4o` and `gpt-4.1` are not `gpt-4`. Source: OpenAI's tiktoken, and its model pages. */
const FAMILIES: readonly (readonly [RegExp, Encoding])[] = [
  [/^(?:gpt-4o|gpt-4\.[1-9]|gpt-[5-9]|gpt-oss|chatgpt|o\d)/, 'o200k_base'],
  [/^(?:gpt-4|gpt-3\.5|gpt-35|text-embedding-|ada-002|davinci-002|babbage-002)/, 'cl100k_base'],
]

const LONGEST_NAME = 256

/**
 * The encoding of a model, by its name with or without a provider in front (`openai/gpt-5-mini`) or a fine-tune's
 * `ft:`. Other houses' tokenizers are not public: the newest encoding comes closest, and calibration does the rest.
 */
export function encodingOf(model: string): Encoding {
  const name = String(model).slice(0, LONGEST_NAME).toLowerCase()
  const bare = name.slice(name.lastIndexOf('/') + 1).replace(/^ft:/, '')
  return FAMILIES.find(([family]) => family.test(bare))?.[1] ?? 'o200k_base'
}

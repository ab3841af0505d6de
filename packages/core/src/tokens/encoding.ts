/** The encodings whose ranks are known. */
export type Encoding = 'o200k_base' | 'cl100k_base'

/**
 * The older encoding's models, wherever in a name they stand. Deployments are named by their owners, often without the
 * signs that are not allowed there: `eu-gpt4`, `gpt-35-turbo`. `gpt-4o`, `gpt-4.1` and `gpt-4.5` are no `gpt-4`.
 * Source: OpenAI's tiktoken, and its model pages.
 */
const OLDER =
  /(?:^|[^a-z\d])(?:gpt-?4(?!o|[.-]?[15](?!\d))|gpt-?3[.-]?5|text-embedding-(?:3-|ada)|ada-002|davinci-002|babbage-002)/

const LONGEST_NAME = 256

/**
 * The encoding of a model, by its name, whatever stands before and behind: `openai/gpt-5-mini`, `ft:gpt-4o:house::id`,
 * `us.anthropic.claude-sonnet-4-5-v1:0`. Other houses' tokenizers are not public: the newest encoding comes closest, and
 * calibration does the rest. Never throws.
 */
export function encodingOf(model: string): Encoding {
  const name = typeof model === 'string' ? model.slice(0, LONGEST_NAME).toLowerCase() : ''
  return OLDER.test(name) ? 'cl100k_base' : 'o200k_base'
}

import { PlimsollError } from '../call/errors.ts'
import { Counting } from './counting.ts'
import { encodingOf } from './encoding.ts'

export interface CountTokensOptions {
  /** Whose tokens, such as `gpt-5-mini` or `openai/gpt-5-mini`. */
  readonly model: string
  /** Whoever leaves is let go at once. */
  readonly signal?: AbortSignal
}

/** One for a process: a second thread would only hold the same tables again. */
const counting = new Counting()

/**
 * Counts the tokens of a text exactly, or of several together, in a thread of its own: a megabyte takes a tenth of a
 * second, and less than a millisecond of the thread that asks.
 *
 * **When to use**: to bill, to cut texts to size, to check what an estimate was worth. `createPlimsoll` needs none of it.
 * **Gotcha**: exact for OpenAI's encodings. Others' tokenizers are not public: their models count as `o200k_base`. What a
 * chat adds around its messages is not counted.
 *
 * @throws {PlimsollError} `invalid-call` for what is no text, or no model
 * @throws the signal's reason
 * @throws {Error} when the tokenizer cannot be loaded, or its thread cannot be started or has ended
 */
export async function countTokens(
  text: string | readonly string[],
  { model, signal }: CountTokensOptions,
): Promise<number> {
  const texts = textsOf(text)
  if (typeof model !== 'string')
    throw invalid(`\`model\` is ${typeof model}; use a name such as \`gpt-5-mini\`.`)
  signal?.throwIfAborted()
  try {
    return await counting.count(texts, encodingOf(model), signal)
  } catch (error) {
    signal?.throwIfAborted()
    const message =
      'Tokens could not be counted exactly. It takes a worker thread, and the files of `js-tiktoken`: ' +
      'allow workers (`--allow-worker` under the permission model), or go by the estimates of `createPlimsoll`.'
    throw new Error(message, { cause: error })
  }
}

/** Copied: the caller may change it meanwhile. */
function textsOf(text: unknown): string[] {
  if (typeof text === 'string') return [text]
  if (!Array.isArray(text)) throw invalid(`\`text\` is ${typeof text}; use a string, or an array of strings.`)
  return text.map((one: unknown, index) => {
    if (typeof one === 'string') return one
    throw invalid(`\`text[${index}]\` is ${typeof one}; use a string.`)
  })
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-call', message })
}

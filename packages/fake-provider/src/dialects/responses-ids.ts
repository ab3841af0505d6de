import { countTokens } from '../prompt/tokenizer.ts'

/**
 * The id of a message, which says how long it is: clients send back a reference to a message in place of it, and so
 * nothing has to be kept of the answers.
 */
export function messageId(requestId: string, text: string): string {
  return `msg_${requestId}_${countTokens(text)}`
}

/** The length of the message with this id; undefined when it is none that was made here. */
export function tokensOf(id: string): number | undefined {
  const tokens = /^msg_\w+_(\d{1,7})$/.exec(id)?.[1]
  return tokens === undefined ? undefined : Number(tokens)
}

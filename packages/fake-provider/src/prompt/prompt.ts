import { hashText } from '../random.ts'
import { countTokens } from './tokenizer.ts'

/** How long a prefix that the caller marked with `cache_control` is to be kept. */
export type Mark = '5m' | '1h'

/** A prompt up to some point in it: what a prefix cache knows it by. */
export interface Prefix {
  hash: number
  /** Of the whole prefix, before the model's bias. */
  tokens: number
  mark: Mark | undefined
}

/** A prompt measured: nothing of its text is kept but the last user message. */
export interface Prompt {
  prefixes: Prefix[]
  /** Before the model's bias. */
  tokens: number
  hash: number
  lastUserText: string
  /** The last message is a tool's result. */
  endsWithToolResult: boolean
}

/** What APIs add for a message's role and separators, for a tool, for an image, and to begin the answer. */
const PER_MESSAGE = 4
const PER_TOOL = 8
const PER_IMAGE = 765
const PER_PROMPT = 3

/** Adds up a prompt piece by piece, in the order the provider would read it. */
export interface PromptMeter {
  text(text: string): void
  json(value: unknown): void
  image(): void
  tool(definition: unknown): void
  /** Something of this length that is known by its id. */
  reference(id: string, length: number): void
  /** Ends a message (or the tools, or the system prompt). */
  endMessage(): void
  /** Up to here is a prefix that a cache may know. */
  endPrefix(mark?: Mark): void
  finish(last: { userText: string; toolResult: boolean }): Prompt
}

export function createPromptMeter(model: string): PromptMeter {
  const prefixes: Prefix[] = []
  let tokens = PER_PROMPT
  let hash = hashText(model)

  function text(part: string): void {
    tokens += countTokens(part)
    hash = hashText(part, hash)
  }

  return {
    text,
    json(value) {
      text(JSON.stringify(value ?? null))
    },
    image() {
      tokens += PER_IMAGE
    },
    tool(definition) {
      tokens += PER_TOOL
      text(JSON.stringify(definition ?? null))
    },
    reference(id, length) {
      tokens += length
      hash = hashText(id, hash)
    },
    endMessage() {
      tokens += PER_MESSAGE
    },
    endPrefix(mark) {
      prefixes.push({ hash, tokens, mark })
    },
    finish(last) {
      return { prefixes, tokens, hash, lastUserText: last.userText, endsWithToolResult: last.toolResult }
    },
  }
}

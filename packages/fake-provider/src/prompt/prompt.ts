import { hashText } from '../random.ts'
import { countTokens } from './tokenizer.ts'

/** A prompt up to the end of one message: what a prefix cache knows it by. */
export interface Prefix {
  hash: number
  /** Of the whole prefix, before the model's bias. */
  tokens: number
  /** Marked by the caller with `cache_control`. */
  marked: boolean
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
  /** Ends a message (or the tools, or the system prompt). */
  endMessage(marked: boolean): void
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
    endMessage(marked) {
      tokens += PER_MESSAGE
      prefixes.push({ hash, tokens, marked })
    },
    finish(last) {
      return { prefixes, tokens, hash, lastUserText: last.userText, endsWithToolResult: last.toolResult }
    },
  }
}

import type { LanguageModelV4Usage } from '@ai-sdk/provider'

/** Of an answer that no model was asked for. */
export const NO_USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
}

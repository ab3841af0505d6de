import { defineProvider } from './define.ts'

/**
 * DeepSeek. So many calls at once, per account and model, each until its response has ended; no limits on tokens, and no
 * headers. It keeps connections open with blank lines and `: keep-alive`, which are no content.
 *
 * Source: DeepSeek's rate limit page, at second hand.
 */
export const deepseek = defineProvider({
  id: 'deepseek',
  aliases: ['chatdeepseek'],
  charging: 'slot',
})

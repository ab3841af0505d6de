import { defineProvider } from './define.ts'

/**
 * xAI. Requests per minute that are let through by the second; tokens per minute, of prompt, completion, reasoning and
 * what was cached. Its tokens headers are read as OpenAI's, without their reset, whose format is not settled; what its
 * requests headers are of is not told, so that they are not read.
 *
 * Source: xAI's rate limit page.
 */
export const xai = defineProvider({
  id: 'xai',
  aliases: ['x-ai', 'chatxai', 'grok'],
  algorithm: [{ unit: 'requests', perMs: 60_000, sliceMs: 1_000 }],
  headers: [
    {
      unit: 'tokens',
      perMs: 60_000,
      limit: 'x-ratelimit-limit-tokens',
      remaining: 'x-ratelimit-remaining-tokens',
      assumed: true,
    },
  ],
})

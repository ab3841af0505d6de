import { defineProvider } from './define.ts'
import { openaiHeaders } from './headers.ts'

/**
 * Groq. Its `requests` headers speak of a day, its `tokens` headers of a minute; requests per minute and tokens per day
 * are limited too, and no header tells of them. Cached tokens are taken first and given back. How `max_tokens` counts is
 * not told.
 *
 * Source: Groq's rate limit and prompt caching pages.
 */
export const groq = defineProvider({
  id: 'groq',
  aliases: ['chatgroq'],
  cacheReadsFree: true,
  headers: [openaiHeaders('requests', 86_400_000), openaiHeaders('tokens', 60_000)],
})

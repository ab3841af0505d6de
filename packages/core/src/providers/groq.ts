import { defineProvider } from './define.ts'
import { openaiHeaders } from './headers.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/**
 * Groq. Its `requests` headers speak of a day, its `tokens` headers of a minute, and both refill continuously: their resets
 * are what that takes (one of 1,000 a day comes back in 1m26.4s). Requests per minute and tokens per day are limited too, and
 * no header tells of them. Cached tokens are taken first and given back. How `max_tokens` counts is not told.
 *
 * Source: Groq's pages on rate limits, whose example has such resets, and on prompt caching.
 */
export const groq = defineProvider({
  id: 'groq',
  aliases: ['chatgroq'],
  algorithm: [
    { unit: 'requests', perMs: DAY, algorithm: 'token-bucket' },
    { unit: 'tokens', perMs: MINUTE, algorithm: 'token-bucket' },
  ],
  cacheReadsFree: true,
  headers: [openaiHeaders('requests', DAY), openaiHeaders('tokens', MINUTE)],
})

import { defineProvider } from './define.ts'
import type { LimitHeaders } from './provider-profile.ts'

const SECOND = 1_000

const HEADERS: readonly LimitHeaders[] = [
  {
    unit: 'requests',
    perMs: SECOND,
    limit: 'x-ratelimit-limit',
    remaining: 'x-ratelimit-remaining',
    reset: 'x-ratelimit-reset',
    resetAs: 'seconds',
  },
  { unit: 'tokens', perMs: SECOND, limit: 'x-tokenlimit-limit', remaining: 'x-tokenlimit-remaining' },
]

/**
 * Together AI. Its limits move with use: the headers tell what they are just now, by the second. Above one's rate it
 * answers 429; a 503 below it says that the model has no capacity.
 *
 * Source: Together's rate limit pages.
 */
export const togetherai = defineProvider({
  id: 'togetherai',
  aliases: ['together', 'together-ai', 'chattogetherai'],
  headers: HEADERS,
})

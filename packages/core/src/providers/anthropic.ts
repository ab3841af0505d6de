import { defineProvider } from './define.ts'
import type { Unit } from './profile.ts'
import type { LimitHeaders } from './provider-profile.ts'

function limit(unit: Unit, name: string): LimitHeaders {
  const prefix = `anthropic-ratelimit-${name}`
  return {
    unit,
    perMs: 60_000,
    limit: `${prefix}-limit`,
    remaining: `${prefix}-remaining`,
    reset: `${prefix}-reset`,
    resetAs: 'rfc3339',
  }
}

/**
 * Anthropic. Buckets refill continuously. Input is what is not read from the cache, cache writes included, save for
 * Haiku 3.5, where reads count too; output counts as it is generated, whatever `max_tokens` says. Resets tell when a
 * bucket is full again, and what remains is rounded to thousands. Its `tokens` headers repeat whichever token limit is
 * the most restrictive just now: no scope of their own beside the other two.
 *
 * Source: Anthropic's rate limit and error pages.
 */
export const anthropic = defineProvider({
  id: 'anthropic',
  aliases: ['claude', 'chatanthropic', 'chatanthropicmessages'],
  algorithm: 'token-bucket',
  charging: 'input-then-live-output',
  cacheReadsFree: true,
  models: [{ match: String.raw`claude-3[-.]5-haiku|claude-haiku-3[-.]5`, cacheReadsFree: false }],
  headers: [
    limit('requests', 'requests'),
    limit('input', 'input-tokens'),
    limit('output', 'output-tokens'),
    { ...limit('tokens', 'tokens'), unless: ['input', 'output'] },
  ],
})

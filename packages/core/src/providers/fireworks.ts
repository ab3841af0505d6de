import { defineProvider } from './define.ts'
import type { Unit } from './profile.ts'
import type { LimitHeaders } from './provider-profile.ts'

function limit(unit: Unit, name: string): LimitHeaders {
  return {
    unit,
    perMs: 1_000,
    limit: `x-ratelimit-limit-tokens-${name}`,
    remaining: `x-ratelimit-remaining-tokens-${name}`,
  }
}

/**
 * Fireworks. Three limits on tokens: of all prompts, which stand here as `tokens`; of what of them was not cached,
 * `input`; and of what was generated, `output`. Its headers tell of tokens per second.
 *
 * Source: Fireworks' rate limit page; names of headers as public clients read them.
 */
export const fireworks = defineProvider({
  id: 'fireworks',
  aliases: ['fireworks-ai', 'chatfireworks'],
  cacheReadsFree: 'input',
  outputFree: true,
  headers: [limit('tokens', 'prompt'), limit('input', 'cache-adjusted-prompt'), limit('output', 'generated')],
})

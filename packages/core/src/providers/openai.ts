import { defineProvider } from './define.ts'
import { OPENAI_HEADERS } from './headers.ts'

/**
 * OpenAI. Its pages disagree on whether a call is charged the larger of prompt and `max_tokens` or their sum, so the
 * sum is reserved. Failed requests count. Windows may be shorter than a minute in effect (60,000 per minute as
 * 1,000 per second), which the sliding window together with `retry-after-ms` copes with. Where input grows by more than
 * half in a quarter of an hour it answers `slow_down`, whatever is left of the limits.
 *
 * Source: OpenAI's rate limit guide, help pages and error codes.
 */
export const openai = defineProvider({
  id: 'openai',
  aliases: ['chat-openai', 'chatopenai'],
  charging: 'sum',
  headers: OPENAI_HEADERS,
  errors: [
    { when: { code: 'slow_down' }, class: 'rate-limit', ramp: true },
    { when: { type: 'slow_down' }, class: 'rate-limit', ramp: true },
  ],
})

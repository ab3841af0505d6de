import { classify } from './classify.ts'
import { openaiLimitHeaders, readHeaders } from './headers.ts'
import type { Profile } from './profile.ts'

const LIMITS = openaiLimitHeaders()

/**
 * OpenAI. Its pages disagree on whether a call is charged the larger of prompt and `max_tokens` or their sum, so the
 * sum is reserved. Failed requests count. Windows may be shorter than a minute in effect (60,000 per minute as
 * 1,000 per second), which the sliding window together with `retry-after-ms` copes with.
 *
 * Source: OpenAI's rate limit guide and help pages.
 */
export const openai: Profile = {
  id: 'openai',
  algorithm: 'sliding-window',
  charging: 'sum',
  liveOutput: false,
  cacheReadsFree: false,
  headers: (headers, now) => readHeaders(headers, now, LIMITS),
  classify: (facts, now) => classify(facts, readHeaders(facts.headers ?? {}, now, LIMITS)),
}

/** Azure serves OpenAI's API with OpenAI's headers and errors, and charges prompt and `max_tokens`. */
export const azure: Profile = { ...openai, id: 'azure' }

import { classify } from './classify.ts'
import { type HeaderRecord, type LimitHeaders, parseRfc3339, readHeaders } from './headers.ts'
import type { HeaderFacts, Profile, Unit } from './profile.ts'

function limit(unit: Unit, name: string): LimitHeaders {
  const prefix = `anthropic-ratelimit-${name}`
  return {
    unit,
    perMs: 60_000,
    limit: `${prefix}-limit`,
    remaining: `${prefix}-remaining`,
    reset: `${prefix}-reset`,
    parseReset: parseRfc3339,
  }
}

const LIMITS = [
  limit('requests', 'requests'),
  limit('input', 'input-tokens'),
  limit('output', 'output-tokens'),
]
/** Repeats whichever token limit is the most restrictive just now: no scope of its own beside the other two. */
const WITH_TOKENS = [...LIMITS, limit('tokens', 'tokens')]

function read(headers: HeaderRecord, now: number): HeaderFacts {
  const facts = readHeaders(headers, now, LIMITS)
  const split = facts.observations.some(({ unit }) => unit !== 'requests')
  return split ? facts : readHeaders(headers, now, WITH_TOKENS)
}

/**
 * Anthropic. Buckets refill continuously. Input is what is not read from the cache; output counts as it is
 * generated, whatever `max_tokens` says. Resets tell when a bucket is full again, and what remains is rounded to
 * thousands.
 *
 * Source: Anthropic's rate limit and error pages.
 */
export const anthropic: Profile = {
  id: 'anthropic',
  algorithm: 'token-bucket',
  charging: 'actual',
  liveOutput: true,
  cacheReadsFree: true,
  headers: read,
  classify: (facts, now) => classify(facts, read(facts.headers ?? {}, now)),
}

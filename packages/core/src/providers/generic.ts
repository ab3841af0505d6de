import { classify } from './classify.ts'
import { openaiLimitHeaders, readHeaders } from './headers.ts'
import type { Profile } from './profile.ts'

const SECOND = 1_000
const DAY = 86_400_000

interface Windows {
  readonly requestsPerMs?: number
  readonly tokensPerMs?: number
}

function compatible(id: string, windows?: Windows): Profile {
  const limits = openaiLimitHeaders(windows)
  return {
    id,
    algorithm: 'sliding-window',
    charging: 'actual',
    liveOutput: false,
    cacheReadsFree: false,
    headers: (headers, now) => readHeaders(headers, now, limits),
    classify: (facts, now) => classify(facts, readHeaders(facts.headers ?? {}, now, limits)),
  }
}

/** Whoever else: what is safe when nobody knows, and OpenAI's headers where a server sends them. */
export const generic: Profile = compatible('generic')

/** Its `requests` headers speak of a day, its `tokens` headers of a minute. Source: Groq's rate limit page. */
export const groq: Profile = compatible('groq', { requestsPerMs: DAY })

/** Its `tokens` headers speak of a second. Source: Fireworks' rate limit page. */
export const fireworks: Profile = compatible('fireworks', { tokensPerMs: SECOND })

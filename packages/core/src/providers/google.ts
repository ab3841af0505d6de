import { defineProvider } from './define.ts'
import type { ErrorRule } from './provider-profile.ts'

const MINUTE = 60_000
const DAY = 86_400_000
/** Where its days begin. */
const PACIFIC = { every: 'day', timeZone: 'America/Los_Angeles' } as const

/** What an error about a quota means: of the day it lasts until the day is over, whatever `retryDelay` says. */
const QUOTAS: readonly ErrorRule[] = [
  {
    when: { quota: 'requests.*perday' },
    class: 'rate-limit',
    exhausted: ['requests'],
    perMs: DAY,
    until: PACIFIC,
  },
  {
    when: { quota: 'tokens.*perday' },
    class: 'rate-limit',
    exhausted: ['tokens', 'input'],
    perMs: DAY,
    until: PACIFIC,
  },
  { when: { quota: 'perday' }, class: 'rate-limit', perMs: DAY, until: PACIFIC },
  { when: { quota: 'requests.*perminute' }, class: 'rate-limit', exhausted: ['requests'], perMs: MINUTE },
  {
    when: { quota: 'tokens.*perminute' },
    class: 'rate-limit',
    exhausted: ['tokens', 'input'],
    perMs: MINUTE,
  },
]

/**
 * The Gemini API. Its tokens per minute are of input alone, per project; requests per day start anew at midnight
 * Pacific. No headers: its errors name the quota (`QuotaFailure`) and the wait (`RetryInfo`).
 *
 * Source: Gemini API's rate limit and troubleshooting pages; google.rpc's error details.
 */
export const google = defineProvider({
  id: 'google',
  aliases: [
    'google-generative-ai',
    'google-genai',
    'googlegenerativeai',
    'chatgooglegenerativeai',
    'chatgoogle',
    'gemini',
    'gcp-gemini',
  ],
  algorithm: [
    { unit: 'requests', perMs: DAY, calendar: PACIFIC },
    { unit: 'tokens', perMs: DAY, calendar: PACIFIC },
  ],
  outputFree: true,
  errors: QUOTAS,
})

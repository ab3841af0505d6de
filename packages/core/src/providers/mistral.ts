import { defineProvider } from './define.ts'
import type { Unit } from './profile.ts'
import type { LimitHeaders } from './provider-profile.ts'

const MINUTE = 60_000
/** As long as the longest: a month is counted by the calendar. */
const MONTH = 2_678_400_000

function limit(unit: Unit, perMs: number, [start, end]: readonly [string, string]): LimitHeaders {
  return { unit, perMs, limit: `${start}-limit-${end}`, remaining: `${start}-remaining-${end}` }
}

/**
 * Mistral. Input and output count, per minute and per month; requests are limited by the second, which its headers tell
 * of as of a minute. Months are assumed to be the calendar's, in UTC.
 *
 * Source: Mistral's pages on limits; its headers as of github.com/mistralai/client-ts/issues/169 and before.
 */
export const mistral = defineProvider({
  id: 'mistral',
  aliases: ['mistralai', 'mistral-ai', 'chatmistralai'],
  algorithm: [
    { unit: 'tokens', perMs: MONTH, calendar: { every: 'month', timeZone: 'UTC' } },
    { unit: 'requests', perMs: MINUTE, sliceMs: 1_000 },
  ],
  headers: [
    limit('tokens', MINUTE, ['x-ratelimitbysize', 'minute']),
    limit('tokens', MONTH, ['x-ratelimitbysize', 'month']),
    limit('tokens', MINUTE, ['x-ratelimit', 'tokens-minute']),
    limit('requests', MINUTE, ['x-ratelimit', 'req-minute']),
  ],
})

import { describe, expect, test } from 'vitest'
import { DAY, holds, MINUTE, NOW } from './expected.fixture.ts'
import { google } from './google.ts'

/** 6:05 in UTC is 22:05 on the day before, so that midnight is at 8:00. */
const UNTIL_MIDNIGHT_PACIFIC = Date.parse('2026-11-23T08:00:00Z') - NOW
const PACIFIC = { every: 'day', timeZone: 'America/Los_Angeles' }
const LIMITED = { status: 429, type: 'RESOURCE_EXHAUSTED' } as const

describe('the Gemini API', () => {
  holds(google, {
    names: [
      'google.generative-ai',
      'google_genai',
      'google-genai',
      'gcp.gemini',
      'gemini',
      'googlegenerativeai',
      'ChatGoogleGenerativeAI',
      'ChatGoogle',
    ],
    scopes: [],
    headers: [
      [
        'none are its own',
        { 'x-ratelimit-limit-requests': '10', 'anthropic-ratelimit-requests-limit': '5' },
        [],
      ],
    ],
    errors: [
      [
        'requests a minute',
        {
          ...LIMITED,
          quotaIds: ['GenerateRequestsPerMinutePerProjectPerModel-FreeTier'],
          retryDelay: '34s',
        },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: 34_000,
          exhausted: ['requests'],
          windowMs: MINUTE,
        },
      ],
      [
        'tokens a minute, which are of input',
        {
          ...LIMITED,
          quotaIds: ['GenerateContentInputTokensPerModelPerMinute-FreeTier'],
          retryDelay: '12.5s',
        },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: 12_500,
          exhausted: ['tokens', 'input'],
          windowMs: MINUTE,
        },
      ],
      [
        'requests a day, until the day is over there',
        { ...LIMITED, quotaIds: ['GenerateRequestsPerDayPerProjectPerModel-FreeTier'], retryDelay: '34s' },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: UNTIL_MIDNIGHT_PACIFIC,
          exhausted: ['requests'],
          windowMs: DAY,
        },
      ],
      [
        'tokens a day, though a minute is over as well',
        {
          ...LIMITED,
          quotaIds: [
            'GenerateRequestsPerMinutePerProjectPerModel',
            'GenerateContentInputTokensPerModelPerDay-FreeTier',
          ],
        },
        {
          class: 'rate-limit',
          status: 429,
          retryAfterMs: UNTIL_MIDNIGHT_PACIFIC,
          exhausted: ['tokens', 'input'],
          windowMs: DAY,
        },
      ],
      [
        'another quota of a day',
        { ...LIMITED, quotaIds: ['PredictionsPerDay'] },
        { class: 'rate-limit', status: 429, retryAfterMs: UNTIL_MIDNIGHT_PACIFIC, windowMs: DAY },
      ],
      [
        'a longer wait than the rest of the day',
        { ...LIMITED, quotaIds: ['PredictionsPerDay'], retryDelay: '48h' },
        { class: 'rate-limit', status: 429, retryAfterMs: 172_800_000, windowMs: DAY },
      ],
      [
        'nobody knows of what, the wait only in the message',
        {
          ...LIMITED,
          message:
            'You exceeded your current quota, please check your plan and billing details. Please retry in 34.5s.',
        },
        { class: 'rate-limit', status: 429, retryAfterMs: 34_500 },
      ],
      ['overloaded', { status: 503, type: 'UNAVAILABLE' }, { class: 'overloaded', status: 503 }],
      [
        'key',
        { status: 400, type: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' },
        { class: 'auth', status: 400 },
      ],
      [
        'context',
        {
          status: 400,
          message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
        },
        { class: 'context-overflow', status: 400 },
      ],
    ],
    charges: [
      {
        what: 'tokens of input alone, cached or not',
        call: [1_000, 8_192, 300],
        reserved: [1_000, 1_000, 8_192],
        used: [990, 500, 900],
        settled: [990, 990, 500],
      },
    ],
  })

  test('counts days by the Pacific’s calendar, and what is shorter in windows that slide', () => {
    const quota = { algorithm: 'quota', calendar: PACIFIC }
    expect([
      google.counting('requests', DAY),
      google.counting('tokens', DAY),
      google.counting('requests', MINUTE),
      google.counting('tokens', MINUTE),
    ]).toEqual([quota, quota, { algorithm: 'sliding-window' }, { algorithm: 'sliding-window' }])
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import { classify } from './classify.ts'
import { errorRules } from './error-rules.ts'
import type { Observation, ProviderFailure } from './profile.ts'
import type { ErrorRule } from './provider-profile.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

/** By these rules, and what these headers told. */
function named(
  facts: ErrorFacts,
  {
    rules = [],
    observations = [],
    retryAfterMs,
  }: { rules?: readonly ErrorRule[]; observations?: readonly Observation[]; retryAfterMs?: number } = {},
): ProviderFailure {
  const told = { observations, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  return classify(facts, told, { now: NOW, ruleOf: errorRules(rules) })
}

const CASES: readonly (readonly [string, ErrorFacts, ProviderFailure])[] = [
  ['too many requests', { status: 429 }, { class: 'rate-limit', status: 429 }],
  [
    'overloaded, by its word',
    { status: 429, code: 'engine_overloaded' },
    { class: 'overloaded', status: 429 },
  ],
  [
    'overloaded, by its message',
    { status: 429, message: 'Model is overloaded' },
    { class: 'overloaded', status: 429 },
  ],
  ['out of money', { status: 402 }, { class: 'quota-exhausted', status: 402 }],
  ['unprocessable', { status: 422 }, { class: 'invalid-request', status: 422 }],
  ['too large', { status: 413 }, { class: 'too-large', status: 413 }],
  [
    'too large, a window’s length',
    { status: 413, message: 'The prompt is too long' },
    { class: 'context-overflow', status: 413 },
  ],
  ['gone', { status: 410 }, { class: 'not-found', status: 410 }],
  ['not found, by its word', { status: 400, code: 'model_not_found' }, { class: 'not-found', status: 400 }],
  ['denied, by its word', { status: 400, code: 'invalid_api_key' }, { class: 'auth', status: 400 }],
  ['another word', { status: 400, code: 'timeout_error' }, { class: 'invalid-request', status: 400 }],
  [
    'too large, where another status says so',
    { status: 500, message: 'Request too large' },
    { class: 'server', status: 500 },
  ],
  [
    'too large, where both say so',
    { status: 413, message: 'Request too large: the prompt is too long' },
    { class: 'too-large', status: 413 },
  ],
  [
    'overloaded, where another status says so',
    { status: 400, message: 'overloaded' },
    { class: 'invalid-request', status: 400 },
  ],
  [
    'denied for want of money',
    { status: 403, message: 'insufficient balance' },
    { class: 'quota-exhausted', status: 403 },
  ],
  [
    'unprocessable, since it is too long',
    { status: 422, message: 'input is too long' },
    { class: 'context-overflow', status: 422 },
  ],
  [
    'a key that a server fails over',
    { status: 500, message: 'invalid api key' },
    { class: 'server', status: 500 },
  ],
  ['too large, in a stream', { type: 'request_too_large' }, { class: 'too-large' }],
  ['timeout, in a stream', { type: 'deadline_exceeded' }, { class: 'timeout' }],
  ['a dependency of its own', { status: 424 }, { class: 'server', status: 424 }],
  ['gateway', { status: 502 }, { class: 'server', status: 502 }],
  ['gateway, overloaded', { status: 502, type: 'overloaded' }, { class: 'overloaded', status: 502 }],
  [
    'quota, over any status',
    { status: 403, code: 'insufficient_quota' },
    { class: 'quota-exhausted', status: 403 },
  ],
  [
    'filtered, over any status',
    { status: 500, code: 'content_filter' },
    { class: 'content-filter', status: 500 },
  ],
  [
    'an answer that cannot be read',
    { status: 200, message: 'Invalid JSON response' },
    { class: 'server', status: 200 },
  ],
  ['an answer of another kind', { status: 204 }, { class: 'server', status: 204 }],
  ['several answers', { status: 300 }, { class: 'invalid-request', status: 300 }],
  ['a redirect', { status: 302 }, { class: 'invalid-request', status: 302 }],
  ['before an answer', { status: 199 }, { class: 'invalid-request', status: 199 }],
  ['refused', { systemCode: 'ECONNREFUSED' }, { class: 'network', neverSent: true }],
  ['no such host', { systemCode: 'ENOTFOUND' }, { class: 'network', neverSent: true }],
  ['no name server', { systemCode: 'EAI_AGAIN' }, { class: 'network', neverSent: true }],
  ['no connection in time', { systemCode: 'UND_ERR_CONNECT_TIMEOUT' }, { class: 'network', neverSent: true }],
  ['Bun, refused', { systemCode: 'ConnectionRefused' }, { class: 'network', neverSent: true }],
  ['Bun, no socket', { systemCode: 'FailedToOpenSocket' }, { class: 'network', neverSent: true }],
  ['reset', { systemCode: 'ECONNRESET' }, { class: 'network' }],
  ['closed midway', { systemCode: 'UND_ERR_SOCKET' }, { class: 'network' }],
  ['no headers in time', { systemCode: 'UND_ERR_HEADERS_TIMEOUT' }, { class: 'timeout' }],
  ['no body in time', { systemCode: 'UND_ERR_BODY_TIMEOUT' }, { class: 'timeout' }],
  ['nothing in time', { systemCode: 'ESOCKETTIMEDOUT' }, { class: 'timeout' }],
  ['a timer of ours', { timeout: true, message: 'The operation timed out' }, { class: 'timeout' }],
  ['an abort that speaks of a timeout', { aborted: true, message: 'timeout of 5 s' }, { class: 'aborted' }],
  ['an abort after a status', { aborted: true, status: 500 }, { class: 'aborted', status: 500 }],
  ['a word in a stream', { type: 'api_error' }, { class: 'server' }],
  [
    'a mistake in code',
    { message: "Cannot read properties of undefined (reading 'rate limit 429')" },
    { class: 'invalid-request' },
  ],
  ['nothing at all', {}, { class: 'invalid-request' }],
]

describe('what is common to all', () => {
  test.each(CASES)('%s', (_, facts, failure) => {
    expect(named(facts)).toStrictEqual(failure)
  })

  test('out of money for a while is a rate limit', () => {
    expect(named({ status: 402 }, { retryAfterMs: 5_000 })).toStrictEqual({
      class: 'rate-limit',
      status: 402,
      retryAfterMs: 5_000,
    })
  })
})

describe('the wait', () => {
  const message = 'Please try again in 7s.'

  test('is what a header says, else what the body has a field for, else what the message says', () => {
    const waitOf = (facts: ErrorFacts, retryAfterMs?: number) =>
      named({ status: 429, ...facts }, retryAfterMs === undefined ? {} : { retryAfterMs }).retryAfterMs
    expect([
      waitOf({ retryDelay: '34s', message }, 1_000),
      waitOf({ retryDelay: '34s', message }),
      waitOf({ retryDelay: 'soon', message }),
      waitOf({ message }),
      waitOf({}),
    ]).toStrictEqual([1_000, 34_000, 7_000, 7_000, undefined])
  })

  test.each([
    ['Please try again in 6m0s.', 360_000],
    ['retry after 6 seconds', 6_000],
    ['Please retry in 34.5s.', 34_500],
    ['try again in 200 milliseconds', 200],
    ['try again in 1 millisecond', 1],
    ['Try again in 1h2m', 3_720_000],
    ['try again in 1 hour', 3_600_000],
    ['try again later', undefined],
    ['in 5s', undefined],
  ])('of the message %j is %j ms', (text, ms) => {
    expect(named({ status: 429, message: text }).retryAfterMs).toBe(ms)
  })
})

describe('which limits were met', () => {
  const empty: readonly Observation[] = [
    { unit: 'requests', perMs: DAY, remaining: 4 },
    { unit: 'tokens', perMs: MINUTE, remaining: 0 },
  ]
  const met = (message: string, observations = empty, type?: string) => {
    const { exhausted, windowMs } = named(
      { status: 429, message, ...(type !== undefined && { type }) },
      { observations },
    )
    return [exhausted, windowMs]
  }

  test('is what the message names, else the type, else the headers that say that nothing is left', () => {
    expect([
      met('on requests per day'),
      met('', empty, 'requests'),
      met('', empty, 'tokens'),
      met('', [], 'tokens'),
      met('', empty, 'rate_limit_error'),
      met('', []),
    ]).toStrictEqual([
      [['requests'], DAY],
      [['requests'], undefined],
      [['tokens'], MINUTE],
      [['tokens'], undefined],
      [['tokens'], MINUTE],
      [undefined, undefined],
    ])
  })

  test.each([
    ['(RPM)', ['requests']],
    ['(TPD)', ['tokens']],
    ['(ITPM)', ['input']],
    ['(OTPD)', ['output']],
    ['prompt tokens per minute', ['input']],
    ['completion tokens per minute', ['output']],
    ['1,000 tokens per second', ['tokens']],
    ['the call rate limit', ['requests']],
    ['the token rate limit', ['tokens']],
    ['the number of requests', ['requests']],
    ['the number of request tokens', ['tokens']],
    ['requests per min and input tokens per min', ['requests', 'input']],
    ['tokens', undefined],
  ])('by %j are %j', (message, exhausted) => {
    expect(named({ status: 429, message }).exhausted).toEqual(exhausted)
  })

  test('of headers that do not agree on the window has none, nor of one that is only assumed', () => {
    const more: Observation = { unit: 'tokens', perMs: DAY, remaining: 0 }
    expect(met('', [...empty, more])).toStrictEqual([['tokens', 'tokens'], undefined])
    expect(met('', [{ ...empty[1]!, assumed: true }])).toStrictEqual([['tokens'], undefined])
  })

  test('is not asked of other failures', () => {
    expect(named({ status: 500, message: 'requests per day' }, { observations: empty })).toStrictEqual({
      class: 'server',
      status: 500,
    })
  })

  test.each([
    ['on tokens per min (TPM)', MINUTE],
    ['tokens per minute', MINUTE],
    ['input tokens per hour', HOUR],
    ['requests per second', 1_000],
    ['requests per day', DAY],
    ['limit (RPD) reached', DAY],
    ['limit (TPM) reached', MINUTE],
    ['limit (RPS) reached', 1_000],
    ['limit (TPH) reached', HOUR],
    ['limit (ITPM) reached', MINUTE],
    ['limit (otpd) reached', DAY],
    ['free-models-per-min', MINUTE],
    ['Per Day', DAY],
    ['superday', undefined],
    ['per dozen', undefined],
    ['RPM', undefined],
  ])('by %j has the window %j', (message, windowMs) => {
    expect(named({ status: 429, message }).windowMs).toBe(windowMs)
  })
})

describe('a provider’s own rule', () => {
  const rule: ErrorRule = { when: { status: 400 }, class: 'rate-limit' }

  test('goes before what is common to all', () => {
    const facts = { status: 400, code: 'insufficient_quota' }
    expect(named(facts, { rules: [rule] })).toStrictEqual({ class: 'rate-limit', status: 400 })
  })

  test('is nothing to a caller who has left', () => {
    expect(named({ status: 400, aborted: true }, { rules: [rule] }).class).toBe('aborted')
  })

  test('says what was exhausted, and of which window, whatever else does', () => {
    const own: ErrorRule = { ...rule, exhausted: ['output'], perMs: HOUR }
    const facts = { status: 400, message: 'on requests per day' }
    expect(named(facts, { rules: [own] })).toMatchObject({ exhausted: ['output'], windowMs: HOUR })
    expect(named(facts, { rules: [rule] })).toMatchObject({ exhausted: ['requests'], windowMs: DAY })
  })

  test('waits until its period is over, or longer where that was asked for', () => {
    const until = { ...rule, until: { every: 'hour', timeZone: 'UTC' } } as const
    const waitOf = (retryAfterMs?: number) =>
      named({ status: 400 }, { rules: [until], ...(retryAfterMs !== undefined && { retryAfterMs }) })
        .retryAfterMs
    expect([waitOf(), waitOf(5_000), waitOf(2 * HOUR)]).toStrictEqual([55 * MINUTE, 55 * MINUTE, 2 * HOUR])
  })

  test('of a ramp names no limit', () => {
    const ramp = { ...rule, ramp: true, exhausted: ['tokens'] } as const
    expect(named({ status: 400, message: 'tokens per min' }, { rules: [ramp] })).toStrictEqual({
      class: 'rate-limit',
      status: 400,
      ramp: true,
    })
  })

  test('reads two thousand characters of a message, and no more', () => {
    const rules: ErrorRule[] = [{ when: { status: 400, message: 'end' }, class: 'overloaded' }]
    const classAt = (at: number) => named({ status: 400, message: `${'x'.repeat(at)}end` }, { rules }).class
    expect([classAt(1_997), classAt(1_998)]).toStrictEqual(['overloaded', 'invalid-request'])
  })
})

test('the longest message is read before this test is out of time, whatever it is made of', () => {
  const piece = fc.constantFrom(
    'try again in ',
    'retry after 1',
    '1.',
    ' ',
    'per ',
    'tokens ',
    'input ',
    'rejected ',
    '(RP',
    '.',
    '1h',
  )
  const long = fc.array(piece, { maxLength: 4 }).map((pieces) => (pieces.join('') || 'x').repeat(2_000))
  fc.assert(
    fc.property(long, (message) => {
      expect(named({ status: 400, message }).class).toBeTypeOf('string')
      expect(named({ status: 429, message }).class).toBeTypeOf('string')
    }),
  )
})

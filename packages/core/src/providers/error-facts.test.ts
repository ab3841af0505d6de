import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import { errorFacts } from './error-facts.ts'
import { generic } from './generic.ts'

function named(name: string, fields: object, message = 'outer'): Error {
  return Object.assign(new Error(message), { name }, fields)
}

function system(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code })
}

class APIConnectionTimeoutError extends Error {}
class APIUserAbortError extends Error {}
class APIConnectionError extends Error {}

function thrower(): never {
  throw new Error('trap')
}

const limited = named('AI_APICallError', {
  statusCode: 429,
  responseHeaders: { 'Retry-After': '90' },
  data: { error: { message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' } },
})
const limitedFacts: ErrorFacts = {
  status: 429,
  headers: { 'retry-after': '90' },
  code: 'rate_limit_exceeded',
  type: 'tokens',
  message: 'Rate limit reached',
}

const GOOGLE_DETAILS = [
  { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
  {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaId: 'GenerateRequestsPerMinute' }, { quotaMetric: 'x' }, { quotaId: 'PerDay' }],
  },
  { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' },
]
const GOOGLE_FACTS = { retryDelay: '34s', quotaIds: ['GenerateRequestsPerMinute', 'PerDay'] }

const CASES: readonly (readonly [string, unknown, ErrorFacts])[] = [
  ['AI SDK: APICallError', limited, limitedFacts],
  [
    'AI SDK: APICallError whose body was not understood',
    named('AI_APICallError', {
      statusCode: 529,
      responseBody: '{"type":"error","error":{"type":"overloaded_error"}}',
    }),
    { status: 529, type: 'overloaded_error', message: 'outer' },
  ],
  ['AI SDK: RetryError', named('AI_RetryError', { lastError: limited, errors: [limited] }), limitedFacts],
  [
    'AI SDK: GatewayError',
    named('GatewayInternalServerError', { statusCode: 500, cause: limited, type: 'internal_server_error' }),
    limitedFacts,
  ],
  [
    'AI SDK: GatewayError alone',
    named('GatewayRateLimitError', { statusCode: 429, type: 'rate_limit_exceeded' }),
    { status: 429, type: 'rate_limit_exceeded', message: 'outer' },
  ],
  [
    'AI SDK: no connection',
    named('AI_APICallError', { cause: system('ECONNREFUSED') }, 'Cannot connect to API: x'),
    { systemCode: 'ECONNREFUSED', message: 'Cannot connect to API: x' },
  ],
  [
    'AI SDK: no connection, nobody knows why',
    named('AI_APICallError', { cause: new Error('bad') }, 'Cannot connect to API: bad'),
    { systemCode: 'UNKNOWN', message: 'Cannot connect to API: bad' },
  ],
  [
    'AI SDK: error part of a stream',
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { type: 'overloaded_error', message: 'Overloaded' },
  ],
  ['LangChain: MiddlewareError', named('MiddlewareError', { cause: limited }), limitedFacts],
  [
    'OpenAI SDK',
    Object.assign(new Error('429 Rate limit'), {
      status: 429,
      headers: new Headers({ 'Retry-After': '2', 'X-Request-Id': 'r' }),
      code: 'insufficient_quota',
      type: 'insufficient_quota',
      error: {
        message: 'You exceeded your current quota',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    }),
    {
      status: 429,
      headers: { 'retry-after': '2', 'x-request-id': 'r' },
      code: 'insufficient_quota',
      type: 'insufficient_quota',
      message: 'You exceeded your current quota',
    },
  ],
  [
    'Anthropic SDK',
    Object.assign(new Error('529 {...}'), {
      status: 529,
      headers: { 'retry-after': ['1', '2'] },
      error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    }),
    { status: 529, headers: { 'retry-after': '1, 2' }, type: 'overloaded_error', message: 'Overloaded' },
  ],
  [
    'OpenAI SDK: timeout',
    new APIConnectionTimeoutError('Request timed out.'),
    { timeout: true, message: 'Request timed out.' },
  ],
  [
    'OpenAI SDK: abort',
    new APIUserAbortError('Request was aborted.'),
    { aborted: true, message: 'Request was aborted.' },
  ],
  [
    'OpenAI SDK: no connection',
    new APIConnectionError('Connection error.', {
      cause: new TypeError('fetch failed', { cause: system('ENOTFOUND') }),
    }),
    { systemCode: 'ENOTFOUND', message: 'Connection error.' },
  ],
  [
    'AWS SDK',
    named('ThrottlingException', { $metadata: { httpStatusCode: 429 } }),
    { status: 429, type: 'ThrottlingException', message: 'outer' },
  ],
  [
    'Google: numbers for codes',
    named('AI_APICallError', { data: { error: { code: 503, status: 'UNAVAILABLE', message: 'Busy' } } }),
    { status: 503, type: 'UNAVAILABLE', message: 'Busy' },
  ],
  [
    'AI SDK: what Google says in details that the toolkit drops',
    named('AI_APICallError', {
      statusCode: 429,
      data: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota' } },
      responseBody: JSON.stringify({ error: { code: 429, details: GOOGLE_DETAILS } }),
    }),
    { status: 429, type: 'RESOURCE_EXHAUSTED', message: 'Quota', ...GOOGLE_FACTS },
  ],
  [
    'LangChain: Google',
    named('GoogleGenerativeAIFetchError', { status: 429, errorDetails: GOOGLE_DETAILS }),
    { status: 429, message: 'outer', ...GOOGLE_FACTS },
  ],
  [
    'Google’s SDK, whose message is the body',
    named(
      'ApiError',
      { status: 429 },
      JSON.stringify({ error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota', details: GOOGLE_DETAILS } }),
    ),
    { status: 429, type: 'RESOURCE_EXHAUSTED', message: 'Quota', ...GOOGLE_FACTS },
  ],
  [
    'a message that only looks like a body, of no response',
    new Error('{"code":"insufficient_quota"}'),
    { message: '{"code":"insufficient_quota"}' },
  ],
  [
    'a message that is written like JSON and is no body',
    named('HttpError', { status: 500 }, '"down"'),
    { status: 500, message: '"down"' },
  ],
  [
    'OpenRouter: headers in the body, where the response has none of that name',
    named('AI_APICallError', {
      statusCode: 429,
      responseHeaders: { 'X-RateLimit-Limit': '50' },
      responseBody: JSON.stringify({
        error: { code: 429, metadata: { headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Reset': '17' } } },
      }),
    }),
    { status: 429, headers: { 'x-ratelimit-limit': '50', 'x-ratelimit-reset': '17' }, message: 'outer' },
  ],
  [
    'OpenRouter: headers in the body alone',
    { status: 429, error: { message: 'no', metadata: { headers: { 'X-RateLimit-Reset': '17' } } } },
    { status: 429, headers: { 'x-ratelimit-reset': '17' }, message: 'no' },
  ],
  [
    'metadata of a wrapper, and a response within',
    { metadata: { headers: { a: '1', b: '1' } }, cause: { status: 400, headers: { b: '2' } } },
    { status: 400, headers: { a: '1', b: '2' } },
  ],
  ['Node', system('ECONNRESET'), { systemCode: 'ECONNRESET', message: 'connect ECONNRESET' }],
  [
    'fetch',
    new TypeError('fetch failed', { cause: system('EMFILE') }),
    { systemCode: 'EMFILE', code: 'EMFILE', message: 'fetch failed' },
  ],
  [
    'fetch, misused',
    new TypeError('fetch failed', { cause: new Error('bad port') }),
    { message: 'fetch failed' },
  ],
  [
    'a code of another kind',
    system('ERR_INVALID_URL'),
    { code: 'ERR_INVALID_URL', message: 'connect ERR_INVALID_URL' },
  ],
  ['abort', new DOMException('gone', 'AbortError'), { aborted: true, message: 'gone' }],
  ['timeout', new DOMException('late', 'TimeoutError'), { timeout: true, message: 'late' }],
  [
    'an abort by a timer',
    named('AbortError', { cause: new DOMException('late', 'TimeoutError') }),
    { timeout: true, message: 'outer' },
  ],
  ['a mistake in code', new TypeError('x is not a function'), { message: 'x is not a function' }],
  ['a string', 'boom', { message: 'boom' }],
  ['nothing', undefined, {}],
  ['null', null, {}],
]

describe('error facts', () => {
  test.each(CASES)('%s', (_, error, facts) => {
    expect(errorFacts(error)).toEqual(facts)
  })
})

test('a mistake in code is not retried', () => {
  expect(generic.classify(errorFacts(new TypeError('x is not a function')), 0)).toEqual({
    class: 'invalid-request',
  })
})

describe('hostile errors', () => {
  test('cycles', () => {
    const error = named('Error', { statusCode: 500 })
    Object.assign(error, { cause: error, lastError: error, error, data: error })
    expect(errorFacts(error).status).toBe(500)
    const body: Record<string, unknown> = {}
    body['error'] = body
    expect(errorFacts({ data: body })).toEqual({})
  })

  test('long chains', () => {
    let error: unknown = limited
    for (let depth = 0; depth < 10_000; depth++) error = { cause: error }
    expect(errorFacts(error)).toEqual({})
  })

  test('getters and proxies that throw', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const error of [
      proxy,
      new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
      Object.defineProperty({}, 'cause', { get: thrower }),
      { headers: proxy, data: proxy, cause: proxy },
      { headers: { entries: thrower } },
      { headers: { entries: () => [null] } },
    ]) {
      expect(errorFacts(error)).toBeTypeOf('object')
    }
  })

  test('a header like no other', () => {
    const headers = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>
    expect(Object.keys(errorFacts({ status: 400, headers }).headers ?? {})).toEqual([
      '__proto__',
      'constructor',
    ])
  })

  test('anything', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, maxDepth: 4 }), (error) => {
        const facts = errorFacts(error)
        expect(facts.message?.length ?? 0).toBeLessThanOrEqual(2_000)
        expect(generic.classify(facts, 0).class).toBeTypeOf('string')
      }),
    )
  })
})

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
  [
    'OpenAI SDK: no connection, nobody knows why',
    new APIConnectionError('Connection error.'),
    { systemCode: 'UNKNOWN', message: 'Connection error.' },
  ],
  [
    'OpenAI SDK: no connection, by a cause that says nothing',
    new APIConnectionError('Connection error.', { cause: new Error('odd') }),
    { message: 'Connection error.' },
  ],
  [
    'AI SDK: no connection, by the cause of a cause',
    named(
      'AI_APICallError',
      { cause: new TypeError('failed', { cause: system('ECONNRESET') }) },
      'Cannot connect to API: failed',
    ),
    { systemCode: 'ECONNRESET', message: 'Cannot connect to API: failed' },
  ],
  [
    'AI SDK: an error of another kind with a cause',
    named('AI_APICallError', { cause: new Error('odd') }, 'Bad request'),
    { message: 'Bad request' },
  ],
  [
    'another error, about a fetch that failed',
    named('Error', { cause: system('EMFILE') }, 'fetch failed'),
    { code: 'EMFILE', message: 'fetch failed' },
  ],
  [
    'another TypeError with a cause',
    new TypeError('x is not a function', { cause: system('EMFILE') }),
    { code: 'EMFILE', message: 'x is not a function' },
  ],
  ['no cause after all', named('TypeError', { cause: null }, 'fetch failed'), { message: 'fetch failed' }],
  [
    'axios: a response of its own',
    named('AxiosError', { response: { status: 503, headers: { 'Retry-After': '5' } } }),
    { status: 503, headers: { 'retry-after': '5' }, message: 'outer' },
  ],
  [
    'AWS SDK: a response behind a dollar',
    named('ServiceUnavailableException', { $response: { status: 503, headers: { a: '1' } } }),
    { status: 503, headers: { a: '1' }, message: 'outer' },
  ],
  [
    'the message of the response, before that of a wrapper',
    named('Wrapped', { cause: named('HttpError', { status: 500 }, 'inner') }),
    { status: 500, message: 'inner' },
  ],
  [
    'the first response’s message, of two',
    named('HttpError', { status: 500, cause: named('HttpError', { status: 400 }, 'inner') }, 'first'),
    { status: 500, message: 'first' },
  ],
  [
    'the first response’s headers, of two',
    { headers: { a: '1' }, cause: { headers: { a: '2' } } },
    { headers: { a: '1' } },
  ],
  ['a body that is a text', { status: 500, error: 'out of order' }, { status: 500, message: 'out of order' }],
  ['the first body’s text, of two', { error: 'first', cause: { error: 'second' } }, { message: 'first' }],
  [
    'a body that is nothing',
    named('AI_APICallError', { statusCode: 500, responseBody: 'null' }),
    { status: 500, message: 'outer' },
  ],
  [
    'a body that is no JSON',
    named('AI_APICallError', { statusCode: 500, responseBody: '<html>' }),
    { status: 500, message: 'outer' },
  ],
  ['a code of the error’s own that is a number', { code: 503 }, {}],
  [
    'a body in four envelopes',
    { data: { error: { error: { error: { error: { code: 'deep' } } } } } },
    { code: 'deep' },
  ],
  [
    'a body in five',
    { data: { error: { error: { error: { error: { code: 'outer', error: { code: 'deep' } } } } } } },
    { code: 'outer' },
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
    const { headers, ...rest } = errorFacts(error)
    // Headers have no prototype.
    expect({ ...rest, ...(headers && { headers: { ...headers } }) }).toStrictEqual(facts)
  })
})

test.each([
  [100, 100],
  [599, 599],
  [99, undefined],
  [600, undefined],
  [429.5, undefined],
  ['429', undefined],
  [Number.NaN, undefined],
  [true, undefined],
])('the status %j is %j', (status, expected) => {
  expect(errorFacts({ status }).status).toBe(expected)
})

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'EPROTO',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EADDRNOTAVAIL',
  'UND_ERR_SOCKET',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ConnectionClosed',
  'FailedToOpenSocket',
])('%s is a connection that failed', (code) => {
  expect(errorFacts({ code })).toStrictEqual({ systemCode: code })
})

test.each(['MY_ECONNREFUSED', 'ENOENT', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL'])(
  '%s is a word like any other',
  (code) => {
    expect(errorFacts({ code })).toStrictEqual({ code })
  },
)

test('words are cut: codes and types at 128 characters, messages at 2,000', () => {
  const long = 'x'.repeat(3_000)
  const facts = errorFacts({ code: long, type: long, message: long })
  expect([facts.code?.length, facts.type?.length, facts.message?.length]).toEqual([128, 128, 2_000])
})

test('a body is read up to 65,536 characters', () => {
  const body = (length: number) => {
    const start = '{"code":"busy","pad":"'
    return `${start}${'x'.repeat(length - start.length - 2)}"}`
  }
  const codeOf = (responseBody: string) => errorFacts({ responseBody }).code
  expect([codeOf(body(65_536)), codeOf(body(65_537))]).toEqual(['busy', undefined])
})

test('sixteen errors are looked at, one inside another', () => {
  const nested = (depth: number): object => (depth === 0 ? { status: 500 } : { cause: nested(depth - 1) })
  expect([errorFacts(nested(15)).status, errorFacts(nested(16)).status]).toEqual([500, undefined])
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

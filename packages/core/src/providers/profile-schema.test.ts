import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { BUILT_IN } from './built-in.ts'
import { providerProfile } from './profile-schema.ts'

/** Each fault, where it is and its mend. */
function faults(input: unknown): (readonly [string, string])[] {
  const result = v.safeParse(providerProfile, input, { abortPipeEarly: true })
  return (result.issues ?? []).map((issue) => [v.getDotPath(issue) ?? '', issue.message] as const)
}

const HEADER = { unit: 'tokens', perMs: 1_000, limit: 'x-limit' }
const RULE = { when: { status: 429 }, class: 'rate-limit' }
const PATTERN = 'is no regular expression: check its brackets, and escape what is meant literally'
const UNIT = 'use requests, tokens, input or output'
const TIME = 'use one of go-duration, seconds, milliseconds, rfc3339, epoch-seconds, epoch-milliseconds'
const POSITIVE = 'use a number above 0'
const STATUS = 'use a status such as 429'
const NOT_AN_OPTION = 'remove it or check its spelling'

it.each(BUILT_IN.map(({ id, data }) => [id, data] as const))('%s is in order', (_, data) => {
  expect(faults(data)).toEqual([])
})

describe('a profile', () => {
  it('may say next to nothing, or all', () => {
    expect(faults({ id: 'x' })).toEqual([])
    expect(
      faults({
        id: 'x'.repeat(128),
        aliases: ['y'],
        like: 'openai',
        algorithm: [
          { unit: 'requests', perMs: 60_000, algorithm: 'sliding-window', sliceMs: 1_000 },
          { unit: 'tokens', calendar: { every: 'month', timeZone: 'Europe/Berlin' } },
          { algorithm: 'token-bucket' },
        ],
        charging: 'reserve-with-max-settle-with-burn-down',
        cacheReadsFree: 'input',
        outputFree: false,
        models: [{ match: 'a|b', cacheReadsFree: true, burnDown: 0.5, maxOutputTokens: 1 }],
        headers: [
          { ...HEADER, remaining: 'X-Left', reset: 'X-Again', resetAs: 'rfc3339', assumed: true },
          { unit: 'input', perMs: 1, remaining: "x!#$%&'*+.^_`|~-1", unless: ['tokens'] },
        ],
        waits: [{ header: 'x-wait', as: 'epoch-seconds' }],
        errors: [
          {
            when: { status: [429, 503], code: 'c', type: 't', message: 'm', quota: 'q' },
            class: 'quota-exhausted',
            exhausted: ['output'],
            perMs: 5,
            until: { every: 'day', timeZone: 'UTC' },
            ramp: true,
          },
        ],
      }),
    ).toEqual([])
  })

  it.each<[string, object, string, unknown]>([
    ['nothing', [] as object, 'id', 'add it'],
    ['an id that is none', { id: 5 }, 'id', 'use a string'],
    ['an empty id', { id: '' }, 'id', 'use a non-empty string'],
    ['a long id', { id: 'x'.repeat(129) }, 'id', 'use no more than 128 characters'],
    [
      'an id of two parts',
      { id: 'a/b' },
      'id',
      "leave out '/': a target's id is the provider's, '/', and the model's",
    ],
    ['an unknown field', { burst: 5 }, 'burst', NOT_AN_OPTION],
    ['an alias that is none', { aliases: [''] }, 'aliases.0', 'use a non-empty string'],
    ['aliases that are no list', { aliases: 'x' }, 'aliases', 'use a list of names'],
    [
      'somebody unknown to be like',
      { like: 'opnai' },
      'like',
      `use one of ${BUILT_IN.map(({ id }) => id).join(', ')}`,
    ],
    [
      'another algorithm',
      { algorithm: 'leaky' },
      'algorithm',
      'use one of token-bucket, fixed-window, sliding-window',
    ],
    ['a rule that is none', { algorithm: ['x'] }, 'algorithm.0', 'use an object'],
    [
      'a rule of another algorithm',
      { algorithm: [{ algorithm: 'quota' }] },
      'algorithm.0.algorithm',
      'use one of token-bucket, fixed-window, sliding-window',
    ],
    ['a rule for another unit', { algorithm: [{ unit: 'slots' }] }, 'algorithm.0.unit', UNIT],
    ['a rule for no window', { algorithm: [{ perMs: 0 }] }, 'algorithm.0.perMs', POSITIVE],
    ['an unknown field of a rule', { algorithm: [{ burst: 1 }] }, 'algorithm.0.burst', NOT_AN_OPTION],
    [
      'slices of a calendar',
      { algorithm: [{ unit: 'requests', sliceMs: 5, calendar: { every: 'day', timeZone: 'UTC' } }] },
      'algorithm.0',
      'a calendar has no window: leave out `algorithm` and `sliceMs`, or `calendar`',
    ],
    [
      'a calendar’s algorithm',
      { algorithm: [{ algorithm: 'fixed-window', calendar: { every: 'day', timeZone: 'UTC' } }] },
      'algorithm.0',
      'a calendar has no window: leave out `algorithm` and `sliceMs`, or `calendar`',
    ],
    [
      'slices of tokens',
      { algorithm: [{ unit: 'tokens', sliceMs: 5 }] },
      'algorithm.0',
      "only requests fit into slices, a call may be larger than a slice of tokens: set `unit: 'requests'`, or leave out `sliceMs`",
    ],
    [
      'slices of anything',
      { algorithm: [{ sliceMs: 5 }] },
      'algorithm.0',
      "only requests fit into slices, a call may be larger than a slice of tokens: set `unit: 'requests'`, or leave out `sliceMs`",
    ],
    ['no slice', { algorithm: [{ unit: 'requests', sliceMs: -5 }] }, 'algorithm.0.sliceMs', POSITIVE],
    [
      'a calendar of nothing',
      { algorithm: [{ calendar: 'day' }] },
      'algorithm.0.calendar',
      "use { every: 'day', timeZone: 'UTC' } or its like",
    ],
    [
      'a calendar of years',
      { algorithm: [{ calendar: { every: 'year', timeZone: 'UTC' } }] },
      'algorithm.0.calendar.every',
      'use second, minute, hour, day, week or month',
    ],
    [
      'a calendar of nowhere',
      { algorithm: [{ calendar: { every: 'day', timeZone: 'Mars' } }] },
      'algorithm.0.calendar.timeZone',
      'is no time zone: use an IANA name such as Europe/Berlin, or UTC',
    ],
    [
      'another charging rule',
      { charging: 'min' },
      'charging',
      'use one of max, sum, input-then-live-output, reserve-with-max-settle-with-burn-down, slot, actual',
    ],
    ['another freedom', { cacheReadsFree: 'output' }, 'cacheReadsFree', "use true, false or 'input'"],
    ['output half free', { outputFree: 'yes' }, 'outputFree', 'use true or false'],
    ['models that are no list', { models: {} }, 'models', 'use a list'],
    ['a model that is none', { models: ['gpt'] }, 'models.0', 'use an object'],
    ['a model without a pattern', { models: [{ burnDown: 5 }] }, 'models.0.match', 'add it'],
    ['a pattern that is none', { models: [{ match: '(gpt' }] }, 'models.0.match', PATTERN],
    ['an empty pattern', { models: [{ match: '' }] }, 'models.0.match', 'use a non-empty string'],
    ['no burning down', { models: [{ match: 'x', burnDown: 0 }] }, 'models.0.burnDown', POSITIVE],
    [
      'endless burning down',
      { models: [{ match: 'x', burnDown: Number.POSITIVE_INFINITY }] },
      'models.0.burnDown',
      'use a finite number above 0',
    ],
    [
      'half a token',
      { models: [{ match: 'x', maxOutputTokens: 0.5 }] },
      'models.0.maxOutputTokens',
      'use a whole number of at least 1',
    ],
    ['headers that are no list', { headers: 'x' }, 'headers', 'use a list'],
    ['a header that is none', { headers: ['x'] }, 'headers.0', 'use an object'],
    ['a header of another unit', { headers: [{ ...HEADER, unit: 'usd' }] }, 'headers.0.unit', UNIT],
    ['a header of no window', { headers: [{ unit: 'tokens', limit: 'x' }] }, 'headers.0.perMs', 'add it'],
    [
      'a header with a colon',
      { headers: [{ ...HEADER, limit: 'x-limit:' }] },
      'headers.0.limit',
      'use the name of one header, without blanks and colon',
    ],
    [
      'two headers in one',
      { headers: [{ ...HEADER, remaining: 'a b' }] },
      'headers.0.remaining',
      'use the name of one header, without blanks and colon',
    ],
    [
      'nothing but a reset',
      { headers: [{ unit: 'tokens', perMs: 1, reset: 'x', resetAs: 'seconds' }] },
      'headers.0',
      'name a header: `limit`, `remaining` or both',
    ],
    [
      'a reset that may be anything',
      { headers: [{ ...HEADER, reset: 'x' }] },
      'headers.0',
      'say how the reset is written: `reset` and `resetAs` come together',
    ],
    [
      'no reset, in seconds',
      { headers: [{ ...HEADER, resetAs: 'seconds' }] },
      'headers.0',
      'say how the reset is written: `reset` and `resetAs` come together',
    ],
    [
      'a reset in hours',
      { headers: [{ ...HEADER, reset: 'x', resetAs: 'hours' }] },
      'headers.0.resetAs',
      TIME,
    ],
    [
      'unless nothing',
      { headers: [{ ...HEADER, unless: [] }] },
      'headers.0.unless',
      'name at least one unit',
    ],
    [
      'unless of one',
      { headers: [{ ...HEADER, unless: 'input' }] },
      'headers.0.unless',
      'use a list of units',
    ],
    ['unless of another', { headers: [{ ...HEADER, unless: ['x'] }] }, 'headers.0.unless.0', UNIT],
    ['perhaps assumed', { headers: [{ ...HEADER, assumed: 1 }] }, 'headers.0.assumed', 'use true or false'],
    ['an unknown field of a header', { headers: [{ ...HEADER, per: 1 }] }, 'headers.0.per', NOT_AN_OPTION],
    ['waits that are no list', { waits: 'x' }, 'waits', 'use a list'],
    ['a wait that is none', { waits: ['x'] }, 'waits.0', 'use an object'],
    ['a wait without a format', { waits: [{ header: 'x' }] }, 'waits.0.as', 'add it'],
    ['a wait in another format', { waits: [{ header: 'x', as: 'days' }] }, 'waits.0.as', TIME],
    ['errors that are no list', { errors: {} }, 'errors', 'use a list'],
    ['an error that is none', { errors: ['x'] }, 'errors.0', 'use an object'],
    [
      'any error',
      { errors: [{ class: 'auth', when: {} }] },
      'errors.0.when',
      expect.stringContaining('add a status'),
    ],
    [
      'a message alone',
      { errors: [{ ...RULE, when: { message: 'x' } }] },
      'errors.0.when',
      'add a status, code, type or quota: a message alone may be anybody’s',
    ],
    ['no condition', { errors: [{ class: 'auth', when: 429 }] }, 'errors.0.when', 'use an object'],
    [
      'an unknown condition',
      { errors: [{ ...RULE, when: { status: 429, x: 1 } }] },
      'errors.0.when.x',
      NOT_AN_OPTION,
    ],
    ['a status in words', { errors: [{ ...RULE, when: { status: '429' } }] }, 'errors.0.when.status', STATUS],
    ['half a status', { errors: [{ ...RULE, when: { status: 429.5 } }] }, 'errors.0.when.status', STATUS],
    ['a status below all', { errors: [{ ...RULE, when: { status: 99 } }] }, 'errors.0.when.status', STATUS],
    ['a status above all', { errors: [{ ...RULE, when: { status: 600 } }] }, 'errors.0.when.status', STATUS],
    [
      'one of no statuses',
      { errors: [{ ...RULE, when: { status: [] } }] },
      'errors.0.when.status',
      'name at least one status',
    ],
    [
      'one of others',
      { errors: [{ ...RULE, when: { status: [429, 0] } }] },
      'errors.0.when.status.1',
      STATUS,
    ],
    [
      'an empty code',
      { errors: [{ ...RULE, when: { code: '' } }] },
      'errors.0.when.code',
      'use a non-empty string',
    ],
    [
      'a bad message',
      { errors: [{ ...RULE, when: { code: 'x', message: '[' } }] },
      'errors.0.when.message',
      PATTERN,
    ],
    ['a bad quota', { errors: [{ ...RULE, when: { quota: '*' } }] }, 'errors.0.when.quota', PATTERN],
    [
      'another class',
      { errors: [{ ...RULE, class: 'aborted' }] },
      'errors.0.class',
      expect.stringMatching(/^use one of rate-limit, .*, content-filter$/),
    ],
    ['no units', { errors: [{ ...RULE, exhausted: [] }] }, 'errors.0.exhausted', 'name at least one unit'],
    ['no window', { errors: [{ ...RULE, perMs: Number.NaN }] }, 'errors.0.perMs', POSITIVE],
    [
      'until nothing',
      { errors: [{ ...RULE, until: 5 }] },
      'errors.0.until',
      "use { every: 'day', timeZone: 'UTC' } or its like",
    ],
    ['perhaps a ramp', { errors: [{ ...RULE, ramp: 'x' }] }, 'errors.0.ramp', 'use true or false'],
  ])('may not have %s', (_, input, path, message) => {
    expect(faults(Array.isArray(input) ? input : { id: 'x', ...input })).toEqual([[path, message]])
  })

  it.each([undefined, null, 5, 'openai'])('is not %s', (input) => {
    expect(faults(input)).toEqual([['', 'use an object']])
  })

  it('has all its faults told at once', () => {
    expect(faults({ id: '', charging: 'x', headers: [HEADER, {}] }).map(([path]) => path)).toEqual([
      'id',
      'charging',
      'headers.1.unit',
      'headers.1.perMs',
    ])
  })
})

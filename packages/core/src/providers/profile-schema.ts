import * as v from 'valibot'
import { isTimeZone } from '../time/calendar.ts'
import { BUILT_IN } from './built-in.ts'
import { flag, name as text, positive, whole } from './schema-values.ts'
import { TIMES } from './times.ts'

function object<const E extends v.ObjectEntries>(entries: E, mend = 'use an object') {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === 'Object') return mend
    return expected === 'never' ? 'remove it or check its spelling' : 'add it'
  })
}

const name = v.pipe(
  text,
  v.maxLength(128, 'use no more than 128 characters'),
  v.check((id) => !id.includes('/'), "leave out '/': a target's id is the provider's, '/', and the model's"),
)
const pattern = v.pipe(
  text,
  v.check(isPattern, 'is no regular expression: check its brackets, and escape what is meant literally'),
)
const headerName = v.pipe(
  text,
  v.regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'use the name of one header, without blanks and colon'),
)
const unit = v.picklist(['requests', 'tokens', 'input', 'output'], 'use requests, tokens, input or output')
const units = v.pipe(v.array(unit, 'use a list of units'), v.minLength(1, 'name at least one unit'))
const time = v.picklist(Object.keys(TIMES), `use one of ${Object.keys(TIMES).join(', ')}`)
const calendar = object(
  {
    every: v.picklist(
      ['second', 'minute', 'hour', 'day', 'week', 'month'],
      'use second, minute, hour, day, week or month',
    ),
    timeZone: v.pipe(
      text,
      v.check(isTimeZone, 'is no time zone: use an IANA name such as Europe/Berlin, or UTC'),
    ),
  },
  "use { every: 'day', timeZone: 'UTC' } or its like",
)

const ALGORITHMS = ['token-bucket', 'fixed-window', 'sliding-window'] as const
const algorithm = v.picklist(ALGORITHMS, `use one of ${ALGORITHMS.join(', ')}`)
const countingRule = v.pipe(
  object({
    unit: v.optional(unit),
    perMs: v.optional(positive),
    algorithm: v.optional(algorithm),
    sliceMs: v.optional(positive),
    calendar: v.optional(calendar),
  }),
  v.check(
    (rule) => rule.calendar === undefined || (rule.algorithm ?? rule.sliceMs) === undefined,
    'a calendar has no window: leave out `algorithm` and `sliceMs`, or `calendar`',
  ),
  v.check(
    (rule) => rule.sliceMs === undefined || rule.unit === 'requests',
    "only requests fit into slices, a call may be larger than a slice of tokens: set `unit: 'requests'`, or leave out `sliceMs`",
  ),
)
const CHARGING = [
  'max',
  'sum',
  'input-then-live-output',
  'reserve-with-max-settle-with-burn-down',
  'slot',
  'actual',
]
const cacheReadsFree = v.lazy((input) =>
  typeof input === 'boolean' ? v.boolean() : v.literal('input', "use true, false or 'input'"),
)
const model = object({
  match: pattern,
  cacheReadsFree: v.optional(cacheReadsFree),
  burnDown: v.optional(positive),
  maxOutputTokens: v.optional(whole),
})
const limitHeaders = v.pipe(
  object({
    unit,
    perMs: positive,
    limit: v.optional(headerName),
    remaining: v.optional(headerName),
    reset: v.optional(headerName),
    resetAs: v.optional(time),
    unless: v.optional(units),
    assumed: v.optional(flag),
  }),
  v.check(
    (names) => (names.limit ?? names.remaining) !== undefined,
    'name a header: `limit`, `remaining` or both',
  ),
  v.check(
    (names) => (names.reset === undefined) === (names.resetAs === undefined),
    'say how the reset is written: `reset` and `resetAs` come together',
  ),
)
const status = v.pipe(
  v.number('use a status such as 429'),
  v.integer('use a status such as 429'),
  v.minValue(100, 'use a status such as 429'),
  v.maxValue(599, 'use a status such as 429'),
)
const CLASSES = [
  'rate-limit',
  'overloaded',
  'server',
  'timeout',
  'network',
  'quota-exhausted',
  'auth',
  'not-found',
  'invalid-request',
  'too-large',
  'context-overflow',
  'content-filter',
]
const errorRule = object({
  when: v.pipe(
    object({
      status: v.optional(
        v.lazy((input) =>
          Array.isArray(input) ? v.pipe(v.array(status), v.minLength(1, 'name at least one status')) : status,
        ),
      ),
      code: v.optional(text),
      type: v.optional(text),
      message: v.optional(pattern),
      quota: v.optional(pattern),
    }),
    v.check(
      (when) => (when.status ?? when.code ?? when.type ?? when.quota) !== undefined,
      'add a status, code, type or quota: a message alone may be anybody’s',
    ),
  ),
  class: v.picklist(CLASSES, `use one of ${CLASSES.join(', ')}`),
  exhausted: v.optional(units),
  perMs: v.optional(positive),
  until: v.optional(calendar),
  ramp: v.optional(flag),
})
const LIKE = BUILT_IN.map(({ id }) => id)

/** What a user may write of a provider, each fault with its mend. `ProviderProfile` is its type. */
export const providerProfile = object({
  id: name,
  aliases: v.optional(v.array(name, 'use a list of names')),
  like: v.optional(v.picklist(LIKE, `use one of ${LIKE.join(', ')}`)),
  algorithm: v.optional(v.lazy((input) => (Array.isArray(input) ? v.array(countingRule) : algorithm))),
  charging: v.optional(v.picklist(CHARGING, `use one of ${CHARGING.join(', ')}`)),
  cacheReadsFree: v.optional(cacheReadsFree),
  outputFree: v.optional(flag),
  models: v.optional(v.array(model, 'use a list')),
  headers: v.optional(v.array(limitHeaders, 'use a list')),
  waits: v.optional(v.array(object({ header: headerName, as: time }), 'use a list')),
  errors: v.optional(v.array(errorRule, 'use a list')),
})

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'i') instanceof RegExp
  } catch {
    return false
  }
}

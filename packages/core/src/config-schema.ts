import * as v from 'valibot'
import { PlimsollError } from './call/errors.ts'
import type { PlimsollConfig } from './config.ts'

const positive = v.pipe(
  v.number('use a number above 0'),
  v.finite('use a finite number above 0'),
  v.gtValue(0, 'use a number above 0'),
)
/** Of what is counted one by one, less than one would let nothing through. */
const amount = v.pipe(positive, v.minValue(1, 'use a number of at least 1'))
const whole = v.pipe(positive, v.integer('use a whole number of at least 1'))
const name = v.pipe(v.string('use a string'), v.nonEmpty('use a non-empty string'))

const shorthand = {
  rpm: v.optional(amount),
  tpm: v.optional(amount),
  itpm: v.optional(amount),
  otpm: v.optional(amount),
  rpd: v.optional(amount),
  tpd: v.optional(amount),
  concurrency: v.optional(whole),
}
const SHORTHAND = Object.keys(shorthand).join(', ')

const entry = v.variant(
  'unit',
  [
    v.strictObject({
      unit: v.picklist(['requests', 'tokens', 'input', 'output']),
      amount,
      perMs: positive,
      algorithm: v.optional(
        v.picklist(
          ['token-bucket', 'fixed-window', 'sliding-window'],
          'use one of token-bucket, fixed-window, sliding-window',
        ),
      ),
      burst: v.optional(amount),
    }),
    v.strictObject({ unit: v.literal('slots'), amount: whole }),
  ],
  'use one of requests, tokens, input, output, slots',
)
const entries = v.pipe(
  v.array(entry, 'use a list of limits'),
  v.minLength(1, 'list at least one limit'),
  v.check(
    (list) => list.every((one) => !('burst' in one) || one.algorithm === 'token-bucket'),
    "only a token bucket has a `burst`: set `algorithm: 'token-bucket'`, or remove it",
  ),
  v.check(
    (list) =>
      new Set(list.map((one) => ('perMs' in one ? `${one.unit} ${one.perMs}` : one.unit))).size ===
      list.length,
    'has two limits of the same unit and window: keep the smaller',
  ),
)
const limits = v.lazy((input) =>
  Array.isArray(input) ? entries : v.strictObject(shorthand, `use a list of limits, or any of ${SHORTHAND}`),
)

const target = v.strictObject({
  provider: v.optional(name),
  model: v.optional(name),
  pool: v.optional(name),
  limits: v.optional(
    v.lazy((input) => (typeof input === 'string' ? v.literal('learn', "use 'learn', or limits") : limits)),
  ),
})

const scope = v.picklist(
  ['tenant', 'user', 'feature', 'workflow', 'run', 'task', 'target'],
  'use tenant, user, feature, workflow, run, task or target',
)
const per = v.lazy((input) =>
  Array.isArray(input) ? v.pipe(v.array(scope), v.minLength(1, 'name at least one scope')) : scope,
)
const budget = v.lazy((input) =>
  typeof input === 'object' && input !== null && 'limits' in input
    ? v.strictObject({ per, limits: entries })
    : v.pipe(
        v.strictObject({ per, ...shorthand }),
        v.check((given) => Object.keys(given).length > 1, `add a limit: any of ${SHORTHAND}, or \`limits\``),
      ),
)

const fn = v.custom<unknown>((input) => typeof input === 'function', 'use a function')
const config = v.strictObject({
  targets: v.optional(v.record(name, target)),
  pools: v.optional(v.record(name, v.strictObject({ limits }))),
  budgets: v.optional(v.array(budget, 'use a list of budgets')),
  strict: v.optional(v.boolean('use true or false')),
  queue: v.optional(
    v.strictObject({
      maxWaiting: v.optional(whole),
      maxWaitMs: v.optional(positive),
      ageMs: v.optional(positive),
      refuse: v.optional(v.picklist(['expected', 'certain'], "use 'expected' or 'certain'")),
      weight: v.optional(fn),
    }),
  ),
  leaseMs: v.optional(positive),
  onEvent: v.optional(fn),
  store: v.optional(v.looseObject({ send: fn })),
  clock: v.optional(v.looseObject({ now: fn, timer: fn, random: fn })),
})

/** @throws {PlimsollError} `invalid-config`, naming each field that is wrong and its mend */
export function checkConfig(input: PlimsollConfig): void {
  const result = v.safeParse(config, input, { abortPipeEarly: true })
  if (result.success) return
  const faults = result.issues.map((issue) => {
    const field = (issue.path ?? []).reduce<string>((path, { key }) => path + step(key, path === ''), '')
    if (issue.expected === 'never') return `\`${field}\` is not an option; remove it or check its spelling`
    const named = `\`${field || 'config'}\``
    return issue.type === 'check'
      ? `${named}: ${issue.message}`
      : `${named} is ${show(issue.input)}; ${issue.message}`
  })
  throw new PlimsollError({ code: 'invalid-config', message: `${faults.join('. ')}.` })
}

function step(key: unknown, first: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  const text = String(key)
  if (!/^[A-Za-z_]\w*$/.test(text)) return `['${text}']`
  return first ? text : `.${text}`
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 64)}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

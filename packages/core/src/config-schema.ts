import * as v from 'valibot'
import { PlimsollError } from './call/errors.ts'
import type { BudgetConfig } from './budget/budget-config.ts'
import type { PlimsollConfig, PlimsollSettings } from './config.ts'
import { providerProfile } from './providers/profile-schema.ts'
import { cache } from './cache-schema.ts'
import { breaker, hedge, retry, timeouts } from './policy-schema.ts'
import { amount, fn, name, positive, whole } from './schema-parts.ts'
import { features, tasks, workflows } from './task-schema.ts'
import { isTimeZone } from './time/calendar.ts'
import { priceTableSchema } from './tokens/price-table.ts'

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
  credential: v.optional(name),
  pool: v.optional(name),
  contextTokens: v.optional(whole),
  lacks: v.optional(
    v.array(v.picklist(['tools', 'files', 'schema'], 'use tools, files or schema'), 'use a list'),
  ),
  limits: v.optional(
    v.lazy((input) => (typeof input === 'string' ? v.literal('learn', "use 'learn', or limits") : limits)),
  ),
})

const SCOPES = ['tenant', 'user', 'feature', 'workflow', 'run', 'task', 'target'] as const
const scope = v.picklist(SCOPES, 'use tenant, user, feature, workflow, run, task or target')
const per = v.lazy((input) =>
  Array.isArray(input) ? v.pipe(v.array(scope), v.minLength(1, 'name at least one scope')) : scope,
)
const oneOrMore = v.lazy((input) =>
  Array.isArray(input) ? v.pipe(v.array(name), v.minLength(1, 'name at least one value')) : name,
)
const CONDITIONS = [
  'tenant',
  'user',
  'feature',
  'task',
  'workflow',
  'step',
  'plan',
  'priority',
  'mode',
  'risk',
  'target',
]
const when = v.strictObject(
  Object.fromEntries(CONDITIONS.map((condition) => [condition, v.optional(oneOrMore)])),
  `use an object of any of ${CONDITIONS.join(', ')}`,
)
const period = {
  every: v.optional(
    v.picklist(
      ['second', 'minute', 'hour', 'day', 'week', 'month'],
      'use second, minute, hour, day, week or month',
    ),
  ),
  timeZone: v.optional(
    v.pipe(name, v.check(isTimeZone, 'is no time zone: use an IANA name such as Europe/Berlin, or UTC')),
  ),
  rolling: v.optional(v.boolean('use true or false')),
}
const amounts = {
  requests: v.optional(amount),
  tokens: v.optional(amount),
  inputTokens: v.optional(amount),
  outputTokens: v.optional(amount),
  usd: v.optional(positive),
}
const BUDGET_AMOUNTS = [...Object.keys(shorthand), ...Object.keys(amounts)].join(', ')

const money = v.strictObject({ unit: v.literal('usd'), amount: positive, perMs: positive })
const ofPeriod = v.strictObject({
  unit: v.picklist(['requests', 'tokens', 'input', 'output', 'usd']),
  amount: positive,
  ...period,
})
const budgetEntry = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) return v.object({}, 'use an object')
  if (!('perMs' in input) && 'unit' in input && input.unit !== 'slots') return ofPeriod
  return 'unit' in input && input.unit === 'usd' ? money : entry
})
const budgetEntries = v.pipe(
  v.array(budgetEntry, 'use a list of limits'),
  v.minLength(1, 'list at least one limit'),
)

const ENDLESS =
  "would never start anew: add `every`, such as `every: 'month'` (only a budget per run may go without)"

const COUNTS_NONE = '`countHits` counts requests, and it has none: add `requests`, `rpm` or `rpd`'
const countHits = v.optional(v.boolean('use true or false'))

type BudgetInput = Readonly<Record<string, unknown>>
const isSet = (given: BudgetInput, names: readonly string[]) => names.some((one) => given[one] !== undefined)
const ofRun = ({ per: scopes }: BudgetInput) =>
  scopes === 'run' || (Array.isArray(scopes) && scopes.includes('run'))

const budget = v.lazy((input) =>
  typeof input === 'object' && input !== null && 'limits' in input
    ? v.pipe(
        v.strictObject({ per, when: v.optional(when), countHits, limits: budgetEntries }),
        v.check(
          (given) =>
            given.countHits !== true ||
            (given.limits as BudgetInput[]).some(({ unit }) => unit === 'requests'),
          COUNTS_NONE,
        ),
        v.check(
          (given) =>
            ofRun(given) ||
            (given.limits as BudgetInput[]).every(
              (one) => one['unit'] === 'slots' || isSet(one, ['perMs', 'every']),
            ),
          ENDLESS,
        ),
      )
    : v.pipe(
        v.strictObject({ per, when: v.optional(when), countHits, ...shorthand, ...amounts, ...period }),
        v.check(
          (given) => isSet(given, [...Object.keys(shorthand), ...Object.keys(amounts)]),
          `add an amount: any of ${BUDGET_AMOUNTS}, or \`limits\``,
        ),
        v.check(
          (given) => ofRun(given) || isSet(given, ['every']) || !isSet(given, Object.keys(amounts)),
          ENDLESS,
        ),
        v.check((given) => given.countHits !== true || isSet(given, ['requests', 'rpm', 'rpd']), COUNTS_NONE),
        v.check(
          (given) => !isSet(given, ['timeZone', 'rolling']) || isSet(given, ['every']),
          "add `every`, such as `every: 'month'`: without it a time zone and `rolling` mean nothing",
        ),
        v.check(
          (given) => given.rolling !== true || given.timeZone === undefined,
          'a rolling period begins nowhere: leave out `timeZone`, or `rolling`',
        ),
        v.check(
          (given) => given.every === undefined || isSet(given, Object.keys(amounts)),
          'add an amount for `every`: requests, tokens, inputTokens, outputTokens or usd; rpm and its like have periods of their own',
        ),
      ),
)

const settings = {
  targets: v.optional(v.record(name, target)),
  providers: v.optional(v.array(providerProfile, 'use a list of providers')),
  pools: v.optional(v.record(name, v.strictObject({ limits }))),
  budgets: v.optional(
    v.lazy((input) =>
      typeof input === 'function' ? fn : v.array(budget, 'use a list of budgets, or a function'),
    ),
  ),
  budgetsTtlMs: v.optional(positive),
  prices: v.optional(v.lazy((input) => (typeof input === 'function' ? fn : priceTableSchema))),
  onUnknownPrice: v.optional(v.picklist(['refuse', 'allow'], "use 'refuse' or 'allow'")),
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
  retry: v.optional(retry),
  timeouts: v.optional(timeouts),
  hedge: v.optional(hedge),
  breaker: v.optional(breaker),
  tasks,
  classifyTask: v.optional(fn),
  workflows,
  features,
}
const config = v.strictObject({
  ...settings,
  leaseMs: v.optional(positive),
  onEvent: v.optional(fn),
  cache: v.optional(cache),
  store: v.optional(v.looseObject({ send: fn })),
  maxKeys: v.optional(whole),
  clock: v.optional(v.looseObject({ now: fn, timer: fn, random: fn })),
})
const update = v.strictObject(settings)
const budgets = v.strictObject({ budgets: v.array(budget, 'use a list of budgets') })

/** @throws {PlimsollError} `invalid-config`, naming each field that is wrong and its mend */
export function checkConfig(input: PlimsollConfig): void {
  check(config, input)
}

/** What `plimsoll.update` is given. @throws {PlimsollError} `invalid-config` */
export function checkSettings(input: PlimsollSettings): void {
  check(update, input)
}

/** What a look-up of budgets gave. @throws {PlimsollError} `invalid-config` */
export function checkBudgets(input: readonly BudgetConfig[]): void {
  check(budgets, { budgets: input })
}

function check(schema: v.GenericSchema, input: unknown): void {
  const result = v.safeParse(schema, input, { abortPipeEarly: true })
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

import * as v from 'valibot'
import { amount, flag, name, positive } from '../providers/schema-values.ts'
import { isTimeZone } from '../time/calendar.ts'
import { entry, shorthand } from './limits-schema.ts'

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
  rolling: v.optional(flag),
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
const countHits = v.optional(flag)

type BudgetInput = Readonly<Record<string, unknown>>
const isSet = (given: BudgetInput, names: readonly string[]) => names.some((one) => given[one] !== undefined)
const ofRun = ({ per: scopes }: BudgetInput) =>
  scopes === 'run' || (Array.isArray(scopes) && scopes.includes('run'))

export const budget = v.lazy((input) =>
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

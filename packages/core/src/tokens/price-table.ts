import * as v from 'valibot'
import { PlimsollError } from '../call/errors.ts'
import type { PriceTable } from './price.ts'

const USE = 'use USD per million tokens, 0 or more'
const rate = v.pipe(v.number(USE), v.finite(USE), v.minValue(0, USE))
const optionalRate = v.optional(rate)

const FACTOR = 'use a number of 0 or more'
const factor = v.pipe(v.number(FACTOR), v.finite(FACTOR), v.minValue(0, FACTOR))

const TOKENS = 'use a number of input tokens, 0 or more'
const tokens = v.pipe(v.number(TOKENS), v.finite(TOKENS), v.minValue(0, TOKENS))

const rates = {
  cacheRead: optionalRate,
  cacheWrite5m: optionalRate,
  cacheWrite1h: optionalRate,
}

const tier = v.strictObject({ above: tokens, input: optionalRate, output: optionalRate, ...rates })

const price = v.strictObject(
  {
    input: rate,
    output: rate,
    ...rates,
    perRequest: v.optional(factor),
    tiers: v.optional(
      v.pipe(
        v.array(tier, 'use a list of tiers'),
        v.check(
          (list) => new Set(list.map(({ above }) => above)).size === list.length,
          'two tiers begin above the same number of tokens: keep one',
        ),
      ),
    ),
    multipliers: v.optional(v.record(v.string(), factor, 'use an object of numbers by service tier')),
  },
  'use an object such as { input: 1.25, output: 10 }',
)

/** What a user may write as a table of prices. */
export const priceTableSchema = v.record(
  v.pipe(v.string(), v.nonEmpty('use a non-empty string')),
  price,
  'use an object of prices by target id or model id',
)

/**
 * The table as it is.
 *
 * @param field what the user calls it
 * @throws {PlimsollError} `invalid-config`, naming each field that is wrong and its mend
 */
export function checkPriceTable(table: PriceTable, field: string): PriceTable {
  const { success, issues } = v.safeParse(priceTableSchema, table, { abortPipeEarly: true })
  if (success) return table
  const faults = issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => `['${String(key)}']`).join('')
    if (issue.expected === 'never')
      return `\`${field}${path}\` is not an option; remove it or check its spelling`
    return `\`${field}${path}\` is ${show(issue.input)}; ${issue.message}`
  })
  throw new PlimsollError({ code: 'invalid-config', message: `${faults.join('. ')}.` })
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 64)}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

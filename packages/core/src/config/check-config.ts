import * as v from 'valibot'
import type { BudgetConfig } from '../budget/budget-config.ts'
import { PlimsollError } from '../call/errors.ts'
import type { PlimsollConfig, PlimsollSettings } from './config.ts'
import { budgets, config, update } from './config-schema.ts'

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

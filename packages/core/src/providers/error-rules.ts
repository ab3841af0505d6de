import type { ErrorFacts } from '../call/host.ts'
import type { ErrorMatch, ErrorRule } from './provider-profile.ts'

/** Finds the rule that an error is to be judged by. `message`: as much of it as is looked at. */
export type FindRule = (facts: ErrorFacts, message: string) => ErrorRule | undefined

/** The first of the rules all of whose conditions are met. */
export function errorRules(rules: readonly ErrorRule[]): FindRule {
  const compiled = rules.map((rule) => ({ rule, matches: matcher(rule.when) }))
  return (facts, message) => compiled.find(({ matches }) => matches(facts, message))?.rule
}

type Matches = (facts: ErrorFacts, message: string) => boolean

function matcher({ status, code, type, message, quota }: ErrorMatch): Matches {
  const conditions: Matches[] = []
  if (status !== undefined) {
    const statuses: readonly (number | undefined)[] = typeof status === 'number' ? [status] : status
    conditions.push((facts) => statuses.includes(facts.status))
  }
  if (code !== undefined) conditions.push((facts) => isWord(facts.code, code))
  if (type !== undefined) conditions.push((facts) => isWord(facts.type, type))
  if (message !== undefined) {
    const pattern = new RegExp(message, 'i')
    conditions.push((_, text) => pattern.test(text))
  }
  if (quota !== undefined) {
    const pattern = new RegExp(quota, 'i')
    conditions.push((facts) => facts.quotaIds?.some((id) => pattern.test(id)) === true)
  }
  return (facts, text) => conditions.every((condition) => condition(facts, text))
}

function isWord(said: string | undefined, word: string): boolean {
  return said?.toLowerCase() === word.toLowerCase()
}

import { PlimsollError } from '../call/errors.ts'
import type { PlimsollSettings } from './config.ts'
import type { TaskConfig } from './task-config.ts'

/**
 * What of tasks can only be seen by looking at several fields together: said at once, not by the first call that fails.
 *
 * @throws {PlimsollError} `invalid-config`, naming the field and the mend
 */
export function checkTasks({ tasks = {}, targets = {}, strict = false }: PlimsollSettings): void {
  for (const [name, task] of Object.entries(tasks)) {
    const field = `tasks.${name}`
    const { plans = {}, ...own } = task
    const check = (where: string, one: TaskConfig): void => {
      checkRungs(where, one)
      checkRisk(where, one)
      if (strict) checkListed(where, [...namedTargets(one), ...shadowOf(one)], targets)
    }
    check(field, own)
    for (const [plan, changed] of Object.entries(plans))
      check(`${field}.plans.${plan}`, { ...own, ...changed })
  }
}

function namedTargets({ targets = [], escalate = [], degrade = [] }: TaskConfig): string[] {
  const lesser = degrade.flatMap((rung) =>
    typeof rung === 'object' && 'target' in rung ? [rung.target] : [],
  )
  return [...targets, ...escalate, ...lesser]
}

function shadowOf({ shadow }: TaskConfig): string[] {
  return shadow === undefined ? [] : [shadow.target]
}

function checkRungs(field: string, task: TaskConfig): void {
  const named = namedTargets(task)
  const twice = named.find((target, index) => named.indexOf(target) !== index)
  if (twice !== undefined) {
    throw invalid(
      `${field} names ${twice} twice`,
      'among `targets`, `escalate` and `degrade` each target has one place',
    )
  }
  const { degrade = [], cache } = task
  if (degrade.includes('stale') && cache?.staleIfErrorMs === undefined) {
    throw invalid(`${field}.degrade has 'stale'`, 'say how old an answer may be: `cache: { staleIfErrorMs }`')
  }
}

function checkRisk(field: string, task: TaskConfig): void {
  const { risk, degrade = [], validate, targets, escalate, shadow } = task
  if (risk !== 'high') return
  if (degrade.length > 0) {
    throw invalid(`${field} has \`risk: 'high'\``, 'it takes no lesser answer: leave out `degrade`')
  }
  if (shadow !== undefined) {
    throw invalid(`${field} has \`risk: 'high'\``, 'what it asks goes to nobody else: leave out `shadow`')
  }
  if (validate === undefined) {
    throw invalid(`${field} has \`risk: 'high'\``, 'add `validate`, which says whether an answer will do')
  }
  if (targets !== undefined && escalate !== undefined) {
    const mend = 'it begins with the strongest of `escalate`: leave out `targets`, which would never be asked'
    throw invalid(`${field} has \`risk: 'high'\``, mend)
  }
}

function checkListed(
  field: string,
  named: readonly string[],
  targets: Readonly<Record<string, unknown>>,
): void {
  const unknown = named.find((target) => !Object.hasOwn(targets, target))
  if (unknown === undefined) return
  const listed = Object.keys(targets).join(', ') || 'none'
  throw invalid(
    `${field} names ${unknown}`,
    `\`targets\` does not list it (${listed}): add it, or turn \`strict\` off`,
  )
}

function invalid(what: string, mend: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-config', message: `\`${what.replace(' ', '` ')}; ${mend}.` })
}

import type { PlimsollSettings } from './config/config.ts'
import type { TaskConfig } from './config/task-config.ts'

/** What is decided of a task, and needs more than a place in line and a count. */
const OF_TASKS = [
  'targets',
  'maxOutputTokens',
  'diet',
  'timeouts',
  'retry',
  'hedge',
  'cache',
  'coalesce',
  'promptCache',
  'degrade',
  'validate',
  'escalate',
  'shadow',
  'plans',
] as const satisfies readonly (keyof TaskConfig)[]

/** The fields of a configuration that a host which calls before and after cannot honour, by their paths. */
export function beyondBudget({ retry, timeouts, hedge, tasks = {} }: PlimsollSettings): string[] {
  const fields = Object.entries({ retry, timeouts, hedge })
    .filter(([, value]) => isAsked(value))
    .map(([name]) => name)
  const ofTasks = Object.entries(tasks).flatMap(([name, task]) =>
    OF_TASKS.filter((field) => isAsked(task[field])).map((field) => `tasks.${name}.${field}`),
  )
  return [...fields, ...ofTasks]
}

function isAsked(value: unknown): boolean {
  return value !== undefined && value !== false
}

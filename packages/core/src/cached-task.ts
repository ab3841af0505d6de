import type { Call } from './call/call.ts'
import type { ReusableTask } from './caching/identity.ts'
import type { PlimsollSettings } from './config.ts'
import type { TaskByPlan } from './task-config.ts'

/** What is decided of a call by its task, and by its plan before that. */
function taskOf(
  { tasks = {} }: PlimsollSettings,
  { attributes: { task: name, plan } }: Call<unknown>,
): { readonly name: string; readonly own: TaskByPlan } | undefined {
  if (name === undefined || !Object.hasOwn(tasks, name)) return undefined
  const { plans = {}, ...general } = tasks[name]!
  return {
    name,
    own: plan !== undefined && Object.hasOwn(plans, plan) ? { ...general, ...plans[plan] } : general,
  }
}

/** Whether the prefix that calls of its task have in common is to be marked for the provider. */
export function wantsPromptCache(settings: PlimsollSettings, call: Call<unknown>): boolean {
  return taskOf(settings, call)?.own.promptCache === true
}

/** What the configuration says about reusing answers to a call's task; `undefined` where it knows no such task. */
export function reusableTask(settings: PlimsollSettings, call: Call<unknown>): ReusableTask | undefined {
  const task = taskOf(settings, call)
  if (task === undefined) return undefined
  const { targets = {} } = settings
  const { target } = call
  const { name, own } = task
  const { cache, coalesce } = own
  // An alias that stands for another model now gives other answers.
  const answeredBy = [target, targets[target]?.provider, targets[target]?.model].map((part) => part ?? null)
  return { name, cache, coalesce, answeredBy }
}

import type { Call } from './call/call.ts'
import type { ReusableTask } from './caching/identity.ts'
import type { PlimsollSettings } from './config.ts'

/** What the configuration says about reusing answers to a call's task; `undefined` where it knows no such task. */
export function reusableTask(
  { tasks = {}, targets = {} }: PlimsollSettings,
  { attributes: { task: name, plan }, target }: Call<unknown>,
): ReusableTask | undefined {
  if (name === undefined || !Object.hasOwn(tasks, name)) return undefined
  const { plans = {}, ...general } = tasks[name]!
  const own = plan !== undefined && Object.hasOwn(plans, plan) ? { ...general, ...plans[plan] } : general
  const { cache, coalesce, maxOutputTokens, risk, strategy } = own
  // An alias that stands for another model now gives other answers.
  const models = (ids: readonly string[] | undefined) =>
    ids?.map((id) => [id, targets[id]?.provider, targets[id]?.model].map((part) => part ?? null))
  const answeredBy = {
    target: models([target]),
    targets: models(own.targets),
    escalate: models(own.escalate),
    strategy,
    risk,
    maxOutputTokens,
  }
  return { name, cache, coalesce, answeredBy }
}

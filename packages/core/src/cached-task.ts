import type { Call } from './call/call.ts'
import type { ReusableTask } from './caching/identity.ts'
import type { PlimsollSettings } from './config/config.ts'
import type { TaskConfig } from './config/task-config.ts'

/** What the configuration says about reusing answers to a call's task; `undefined` where it knows no such task. */
export function reusableTask(
  config: TaskConfig | undefined,
  { attributes: { task: name }, target }: Call<unknown>,
  targets: PlimsollSettings['targets'] = {},
): ReusableTask | undefined {
  if (config === undefined || name === undefined) return undefined
  const { cache, coalesce } = config
  // An alias that stands for another model now gives other answers.
  const answeredBy = [target, targets[target]?.provider, targets[target]?.model].map((part) => part ?? null)
  return { name, cache, coalesce, answeredBy }
}

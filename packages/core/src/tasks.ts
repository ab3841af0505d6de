import type { Attributes } from './call/attributes.ts'
import { checkAttributes } from './call/attributes.ts'
import type { Call } from './call/call.ts'
import { PlimsollError } from './call/errors.ts'
import type { Reply } from './call/outcome.ts'
import type { PlimsollSettings } from './config/config.ts'
import { deferring, saying } from './degradation/silent.ts'
import { trimCall } from './degradation/trim-call.ts'
import type { TrimOptions } from './degradation/trim-call.ts'
import type { Diet } from './degradation/diet.ts'
import { NO_LADDER } from './routing/ladder.ts'
import type { Ladder, LadderRung, Trim } from './routing/ladder.ts'
import { retryOf } from './config/settings.ts'
import { checkTasks } from './config/task-checks.ts'
import type { Rung, TaskConfig, Unclassified } from './config/task-config.ts'

export interface TasksOptions extends TrimOptions {
  /** An answer from the cache past its time, within what the task allows. */
  readonly stale: <T>(call: Call<T>) => Promise<Reply<T> | undefined>
}

/** One task: what holds for all its calls, and what for those of a plan. */
interface Configured {
  readonly own: TaskConfig
  readonly plans: ReadonlyMap<string, TaskConfig>
}

/** What is configured for tasks, as the policies want it. Made anew when the configuration changes. */
export class Tasks {
  readonly #settings: PlimsollSettings
  readonly #options: TasksOptions
  readonly #configs = new Map<string, Configured>()
  readonly #ladders = new Map<TaskConfig, Ladder>()
  readonly #highLadders = new Map<TaskConfig, Ladder>()
  readonly #unconfigured: Ladder

  /** @throws {PlimsollError} `invalid-config` */
  constructor(settings: PlimsollSettings, options: TasksOptions) {
    checkTasks(settings)
    this.#settings = settings
    this.#options = options
    this.#unconfigured = {
      ...NO_LADDER,
      maxAttempts: retryOf(settings, undefined).maxAttempts ?? Number.POSITIVE_INFINITY,
    }
    for (const [name, { plans = {}, ...own }] of Object.entries(settings.tasks ?? {})) {
      const byPlan = Object.entries(plans).map(([plan, changed]) => [plan, { ...own, ...changed }] as const)
      this.#configs.set(name, { own, plans: new Map(byPlan) })
    }
  }

  has(name: string): boolean {
    return this.#configs.has(name)
  }

  /** The task of a call, as its plan has it. */
  configOf({ task, plan }: Attributes): TaskConfig | undefined {
    const found = task === undefined ? undefined : this.#configs.get(task)
    return plan === undefined ? found?.own : (found?.plans.get(plan) ?? found?.own)
  }

  ladderOf({
    attributes,
    offered,
    named,
  }: Pick<Call<unknown>, 'attributes' | 'offered' | 'named'>): Ladder | undefined {
    const config = this.configOf(attributes)
    // What a host offers without anybody's choice are equivalents.
    if (config === undefined) return offered !== undefined && named !== true ? this.#unconfigured : undefined
    const { task = '', risk } = attributes
    const high = config.risk === 'high' || risk === 'high'
    // Plans that the task does not name share one: a made-up plan adds nothing to the map.
    const ladders = high ? this.#highLadders : this.#ladders
    let ladder = ladders.get(config)
    if (ladder === undefined) ladders.set(config, (ladder = this.#made(task, config, high)))
    return ladder
  }

  /** The attributes with the task that the configuration names for them. @throws {PlimsollError} `invalid-call` */
  classified(attributes: Attributes, described: () => Unclassified): Attributes {
    const { classifyTask } = this.#settings
    if (classifyTask === undefined || attributes.task !== undefined) return attributes
    let task: string | undefined
    try {
      task = classifyTask(described())
    } catch (cause) {
      const message = '`classifyTask` threw: without it nobody knows what is decided of the call.'
      throw new PlimsollError({ code: 'invalid-call', message, cause })
    }
    return task === undefined ? attributes : { ...attributes, ...checkAttributes({ task }) }
  }

  /**
   * What is asked first, where the call names no target.
   *
   * @throws {PlimsollError} `invalid-call` where nothing does
   */
  firstTarget({ attributes, offered }: Pick<Call<unknown>, 'attributes' | 'offered'>): string {
    const { targets = [], escalate = [] } = this.configOf(attributes) ?? {}
    const listed = [...targets, ...escalate]
    const first = (offered && listed.find((one) => offered.includes(one))) ?? offered?.[0] ?? listed[0]
    if (first !== undefined) return first
    const task =
      attributes.task === undefined ? 'has none' : `is '${attributes.task}', which lists no \`targets\``
    const message = `The call names no \`target\`, and its task ${task}: name one, or a task whose \`targets\` are configured.`
    throw new PlimsollError({ code: 'invalid-call', message })
  }

  #made(task: string, config: TaskConfig, high: boolean): Ladder {
    const { targets = [], escalate = [], degrade = [], strategy = 'order' } = config
    const { maxWaitMs, maxOutputTokens, validate, diet, shadow } = config
    return {
      task,
      targets,
      strategy,
      stronger: escalate,
      rungs: high ? [] : degrade.map((rung) => this.#rung(rung)),
      high,
      maxWaitMs,
      maxAttempts: retryOf(this.#settings, config).maxAttempts ?? Number.POSITIVE_INFINITY,
      maxOutputTokens,
      trim: diet && this.#trim(diet),
      validate,
      partial: !high && degrade.includes('partial'),
      shadow: high ? undefined : shadow,
    }
  }

  #rung(rung: Rung): LadderRung {
    const options = this.#options
    if (rung === 'partial') return { kind: 'partial' }
    if (rung === 'stale') {
      return {
        kind: 'silent',
        name: 'stale',
        async answer(call) {
          const reply = await options.stale(call)
          return reply && { kind: 'ok', reply }
        },
      }
    }
    if ('target' in rung) return { kind: 'target', target: rung.target }
    if ('defer' in rung)
      return { kind: 'silent', name: 'deferred', answer: (call) => deferring(call, rung, options) }
    if ('message' in rung)
      return { kind: 'silent', name: 'message', answer: async (call) => saying(call, rung) }
    const { maxOutputTokens, diet } = rung
    return { kind: 'shorter', maxOutputTokens, trim: diet && this.#trim(diet) }
  }

  #trim(diet: Diet): Trim {
    return (call) => trimCall(call, diet, this.#options)
  }
}

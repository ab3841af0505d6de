import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import { isKnownProvider, providerId } from '../providers/ids.ts'
import type { Profile } from '../providers/profile.ts'
import { profileFor } from '../providers/profiles.ts'
import type { Admission } from './admission.ts'
import type { ChargeLine } from './charges.ts'
import { Learner } from './learner.ts'
import { learntLines, limitEntries, limitLines } from './limit-lines.ts'
import type { Limits, TargetConfig } from './limits.ts'
import { Pool } from './pool.ts'
import type { QueueOptions } from './pool.ts'
import { Target } from './target.ts'

/** Targets that the configuration does not name: so many are remembered, and the longest unused goes first. */
const MOST_UNLISTED = 1_000

export interface TargetsOptions {
  readonly targets: Readonly<Record<string, TargetConfig>>
  readonly pools: Readonly<Record<string, { readonly limits: Limits }>>
  readonly strict: boolean
  readonly queue: QueueOptions
  readonly admission: Admission
  readonly events: Events
}

/** What can be called: as configured, or as it is first met. */
export class Targets {
  readonly #options: TargetsOptions
  readonly #listed = new Map<string, Target>()
  readonly #unlisted = new Map<string, Target>()

  /** @throws {PlimsollError} `invalid-config` for an unknown provider or pool */
  constructor(options: TargetsOptions) {
    this.#options = options
    const pools = new Map<string, Pool>()
    for (const [id, settings] of Object.entries(options.targets)) {
      this.#listed.set(id, this.#listedTarget(id, settings, pools))
    }
  }

  /** @throws {PlimsollError} `invalid-call` for one that is not listed, under `strict` */
  get(id: string): Target {
    const known = this.#listed.get(id)
    if (known !== undefined) return known
    const met = this.#unlisted.get(id)
    if (met === undefined) return this.#meet(id)
    this.#unlisted.delete(id)
    this.#unlisted.set(id, met)
    return met
  }

  #meet(id: string): Target {
    const { strict, events, admission } = this.#options
    if (strict) {
      const listed = [...this.#listed.keys()].join(', ') || 'none'
      const message = `\`target\` is '${id}', which \`targets\` does not list (${listed}); add it, or turn \`strict\` off.`
      throw new PlimsollError({ code: 'invalid-call', message })
    }
    const { provider, model } = namesOf(id)
    const target = this.#learning(id, model, profileFor(provider))
    this.#unlisted.set(id, target)
    this.#forgetUnused()
    events.emit({ type: 'target.unlisted', at: admission.now(), target: id })
    return target
  }

  #forgetUnused(): void {
    for (const [id, target] of this.#unlisted) {
      if (this.#unlisted.size <= MOST_UNLISTED) return
      if (target.pool.room.size > 0) continue
      this.#unlisted.delete(id)
      this.#options.admission.remove(target.pool)
    }
  }

  #listedTarget(id: string, settings: TargetConfig, pools: Map<string, Pool>): Target {
    const names = namesOf(id)
    const profile = this.#profile(id, settings.provider, names.provider)
    const model = settings.model ?? names.model
    const { pool: poolName, limits } = settings
    if (limits === 'learn' || (limits === undefined && poolName === undefined)) {
      if (poolName !== undefined) {
        throw invalid(
          `targets['${id}'].limits`,
          `is 'learn', but its pool '${poolName}' has limits; leave one out`,
        )
      }
      return this.#learning(id, model, profile)
    }
    const lines = limits === undefined ? [] : limitLines(`limit:${id}`, limitEntries(limits), profile)
    if (poolName === undefined) return this.#target(id, { model, profile, pool: this.#pool(id, lines) })
    const pool = this.#sharedPool(id, poolName, profile, pools)
    return this.#target(id, { model, profile, pool, own: lines })
  }

  #profile(id: string, explicit: string | undefined, implied: string): Profile {
    if (explicit !== undefined && !isKnownProvider(providerId(explicit))) {
      const mend = "use a provider's id such as openai, anthropic or azure, or 'generic' for any other"
      throw invalid(`targets['${id}'].provider`, `is '${explicit}', which is not known; ${mend}`)
    }
    return profileFor(providerId(explicit ?? implied))
  }

  #sharedPool(id: string, name: string, profile: Profile, pools: Map<string, Pool>): Pool {
    const known = pools.get(name)
    if (known !== undefined) return known
    const settings = Object.hasOwn(this.#options.pools, name) ? this.#options.pools[name] : undefined
    if (settings === undefined) {
      const listed = Object.keys(this.#options.pools).join(', ') || 'none'
      throw invalid(
        `targets['${id}'].pool`,
        `is '${name}', which \`pools\` does not list (${listed}); add it there`,
      )
    }
    const pool = this.#pool(name, limitLines(`pool:${name}`, limitEntries(settings.limits), profile))
    pools.set(name, pool)
    return pool
  }

  #learning(id: string, model: string, profile: Profile): Target {
    const lines = learntLines(`limit:${id}`, profile)
    return this.#target(id, { model, profile, pool: this.#pool(id, lines), learner: new Learner(lines) })
  }

  #pool(name: string, lines: readonly ChargeLine[]): Pool {
    const { queue, admission } = this.#options
    const pool = new Pool(name, lines, queue, admission)
    admission.add(pool)
    return pool
  }

  #target(
    id: string,
    parts: { model: string; profile: Profile; pool: Pool; own?: readonly ChargeLine[]; learner?: Learner },
  ): Target {
    return new Target({ id, own: [], learner: undefined, priced: undefined, ...parts })
  }
}

/** `openai/gpt-5-mini` is the provider's name, and the model's. One without a `/` is a model of nobody known. */
function namesOf(id: string): { provider: string; model: string } {
  const slash = id.indexOf('/')
  return slash < 0
    ? { provider: 'generic', model: id }
    : { provider: id.slice(0, slash), model: id.slice(slash + 1) }
}

function invalid(field: string, what: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-config', message: `\`${field}\` ${what}.` })
}

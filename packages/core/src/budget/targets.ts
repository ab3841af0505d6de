import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import { isKnownProvider, providerId } from '../providers/ids.ts'
import type { Profile } from '../providers/profile.ts'
import type { Profiles } from '../providers/profiles.ts'
import type { PriceMatch, Prices } from '../tokens/price.ts'
import type { Admission } from './admission.ts'
import type { ChargeLine } from './charges.ts'
import { Learner } from './learner.ts'
import { learntLines, limitEntries, limitLines } from './limit-lines.ts'
import type { Limits, TargetConfig } from './limits.ts'
import { Pool } from './pool.ts'
import type { QueueOptions } from './queue-options.ts'
import { Target } from './target.ts'

/** Targets that the configuration does not name: so many are remembered, and the longest unused goes first. */
const MOST_UNLISTED = 1_000

/** How long a price is gone by before its source is asked again. */
const PRICE_MS = 60_000

/** What may be changed while calls are under way. */
export interface TargetsSettings {
  readonly targets: Readonly<Record<string, TargetConfig>>
  readonly pools: Readonly<Record<string, { readonly limits: Limits }>>
  readonly profiles: Profiles
  readonly strict: boolean
  readonly queue: QueueOptions
  readonly prices: Prices | undefined
  /** Looks over what is listed before anything is changed. @throws {PlimsollError} `invalid-config` */
  readonly check: (
    listed: readonly { readonly id: string; readonly priced: PriceMatch | undefined }[],
  ) => void
}

export interface TargetsOptions {
  readonly admission: Admission
  readonly events: Events
}

/** A target as it is written, looked up and found to be in order. */
interface Resolved {
  readonly id: string
  readonly provider: string
  readonly model: string
  readonly credential: string
  readonly profile: Profile
  readonly priced: PriceMatch | undefined
  /** `undefined` where they are to be learnt. */
  readonly lines: readonly ChargeLine[] | undefined
  readonly poolName: string | undefined
}

/** What can be called: as configured, or as it is first met. */
export class Targets {
  readonly #options: TargetsOptions
  #settings: TargetsSettings
  #listed = new Map<string, Target>()
  readonly #unlisted = new Map<string, Target>()
  #shared = new Map<string, Pool>()
  #pricedAt: number

  /** @throws {PlimsollError} `invalid-config` for an unknown provider or pool */
  constructor(settings: TargetsSettings, options: TargetsOptions) {
    this.#options = options
    this.#settings = settings
    this.#pricedAt = options.admission.now()
    this.update(settings)
  }

  /** @throws {PlimsollError} `invalid-call` for one that is not listed, under `strict` */
  get(id: string): Target {
    this.#reprice()
    const known = this.#listed.get(id)
    if (known !== undefined) return known
    const met = this.#unlisted.get(id)
    if (met === undefined) return this.#meet(id)
    this.#unlisted.delete(id)
    this.#unlisted.set(id, met)
    return met
  }

  /**
   * Targets that stay keep what was learnt of them, and their queue. Nothing has changed when it throws.
   *
   * @throws {PlimsollError} `invalid-config` for an unknown provider or pool
   */
  update(settings: TargetsSettings): void {
    const resolved = Object.entries(settings.targets).map(([id, target]) => resolve(id, target, settings))
    settings.check(resolved)
    this.#settings = settings
    for (const { id, priced } of resolved) this.#tellUnpriced(id, priced)
    const shared = new Map<string, Pool>()
    for (const { poolName, profile } of resolved) {
      if (poolName === undefined || shared.has(poolName)) continue
      const lines = limitLines(`pool:${poolName}`, limitEntries(settings.pools[poolName]!.limits), profile)
      shared.set(poolName, this.#pool(poolName, lines, this.#shared.get(poolName)))
    }
    this.#shared = shared
    const listed = new Map<string, Target>()
    for (const one of resolved) listed.set(one.id, this.#configured(one))
    for (const id of listed.keys()) this.#unlisted.delete(id)
    this.#listed = listed
  }

  #reprice(): void {
    const { prices } = this.#settings
    if (prices === undefined) return
    const now = this.#options.admission.now()
    if (now < this.#pricedAt + PRICE_MS) return
    this.#pricedAt = now
    for (const targets of [this.#listed, this.#unlisted]) {
      for (const target of targets.values()) {
        const { id, provider, model } = target
        target.reprice(pricedOf({ id, provider, model }, prices))
      }
    }
  }

  #configured(resolved: Resolved): Target {
    const { id, provider, model, credential, profile, priced, lines, poolName } = resolved
    const known = this.#listed.get(id) ?? this.#unlisted.get(id)
    const names = { provider, model, credential, profile, priced }
    if (lines === undefined) return this.#learning({ id, ...names }, known)
    // A pool that is left is not taken along: others may be in it.
    const before = known !== undefined && known.pool.name === id ? known.pool : undefined
    const settings =
      poolName === undefined
        ? { pool: this.#pool(id, lines, before), own: [] }
        : { pool: this.#shared.get(poolName)!, own: lines }
    return configure(id, { ...names, learner: undefined, ...settings }, known)
  }

  #meet(id: string): Target {
    const { events, admission } = this.#options
    if (this.#settings.strict) {
      const listed = [...this.#listed.keys()].join(', ') || 'none'
      const message = `\`target\` is '${id}', which \`targets\` does not list (${listed}); add it, or turn \`strict\` off.`
      throw new PlimsollError({ code: 'invalid-call', message })
    }
    const { provider: name, model } = namesOf(id)
    const provider = providerId(name)
    const { profiles } = this.#settings
    const priced = pricedOf({ id, provider, model }, this.#settings.prices)
    this.#tellUnpriced(id, priced)
    const names = { provider, model, credential: provider, profile: profiles.for(name), priced }
    const target = this.#learning({ id, ...names })
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

  #learning(
    { id, ...names }: Pick<Resolved, 'id' | 'provider' | 'model' | 'credential' | 'profile' | 'priced'>,
    known?: Target,
  ): Target {
    // What was learnt of its limits stays.
    if (known?.learner !== undefined) {
      const { pool, learner } = known
      return configure(id, { ...names, pool, own: [], learner }, known)
    }
    const lines = learntLines(`limit:${id}`, names.profile)
    const pool = this.#pool(id, lines, known?.pool.name === id ? known.pool : undefined)
    return configure(
      id,
      { ...names, pool, own: [], learner: new Learner(lines, names.profile.charging) },
      known,
    )
  }

  #pool(name: string, lines: readonly ChargeLine[], known: Pool | undefined): Pool {
    const { admission } = this.#options
    const { queue } = this.#settings
    if (known !== undefined) {
      known.configure(lines, queue)
      admission.feedback.resize(lines)
      return known
    }
    const pool = new Pool(name, lines, queue, admission)
    admission.add(pool)
    return pool
  }

  #tellUnpriced(id: string, priced: PriceMatch | undefined): void {
    const { events, admission } = this.#options
    if (this.#settings.prices === undefined || priced !== undefined) return
    events.emit({ type: 'price.unknown', at: admission.now(), target: id })
  }
}

/** A source that throws does not know the price: that is said, and the call is judged by it. */
function pricedOf(target: Parameters<Prices>[0], prices: Prices | undefined): PriceMatch | undefined {
  try {
    return prices?.(target)
  } catch {
    return undefined
  }
}

function configure(id: string, settings: ConstructorParameters<typeof Target>[1], known?: Target): Target {
  if (known === undefined) return new Target(id, settings)
  known.configure(settings)
  return known
}

function resolve(id: string, settings: TargetConfig, { pools, profiles, prices }: TargetsSettings): Resolved {
  const names = namesOf(id)
  const { pool: poolName, limits } = settings
  const provider = providerId(settings.provider ?? names.provider)
  const isKnown = (one: string) => profiles.isOwn(one) || isKnownProvider(providerId(one))
  if (settings.provider !== undefined && !isKnown(settings.provider)) {
    const mend =
      "use a provider's id such as openai, anthropic or azure, describe it in `providers`, or use 'generic'"
    throw invalid(`targets['${id}'].provider`, `is '${settings.provider}', which is not known; ${mend}`)
  }
  if (poolName !== undefined && !Object.hasOwn(pools, poolName)) {
    const listed = Object.keys(pools).join(', ') || 'none'
    throw invalid(
      `targets['${id}'].pool`,
      `is '${poolName}', which \`pools\` does not list (${listed}); add it there`,
    )
  }
  if (poolName !== undefined && limits === 'learn') {
    throw invalid(
      `targets['${id}'].limits`,
      `is 'learn', but its pool '${poolName}' has limits; leave one out`,
    )
  }
  const profile = profiles.for(settings.provider ?? names.provider)
  const isLearnt = limits === 'learn' || (limits === undefined && poolName === undefined)
  const entries = isLearnt ? undefined : limitEntries(limits ?? {})
  const model = settings.model ?? names.model
  return {
    id,
    provider,
    model,
    credential: settings.credential ?? provider,
    profile,
    priced: pricedOf({ id, provider, model }, prices),
    lines: entries && limitLines(`limit:${id}`, entries, profile),
    poolName,
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

import { createLimiter, type Limiter } from './limits/limiter.ts'
import { drawTokenBias, type ModelSettings } from './model-settings.ts'
import { createPrefixCache, type PrefixCache } from './prompt/prefix-cache.ts'
import type { Settings } from './settings.ts'
import { type Counting, createCounting, snapshot } from './stats/counters.ts'
import type { LimitStats, ModelStats } from './stats/stats.ts'

/** One model as it runs. */
export interface Model {
  id: string
  settings: ModelSettings
  bias: number
  limiter: Limiter
  /** Whose limits these are: its own id, or that of `sameLimitsAs`. */
  limitsOf: string
  counting: Counting
  cache: PrefixCache | undefined
}

export interface Models {
  find(id: string): Model | undefined
  all(): Iterable<Model>
}

/** How many ids `'*'` stands for at most: a client that makes up ids must not fill the memory. */
const MOST_BY_STAR = 256

export function createModels({ models, seed }: Settings, now: () => number): Models {
  const live = new Map<string, Model>()
  let byStar = 0

  function create(id: string, settings: ModelSettings): Model {
    const shared = settings.sameLimitsAs === undefined ? undefined : find(settings.sameLimitsAs)
    const start = now()
    const model: Model = {
      id,
      settings,
      bias: settings.tokenBias ?? drawTokenBias(seed, id),
      limiter: shared?.limiter ?? createLimiter(settings.limits, settings.concurrency, start),
      limitsOf: shared?.id ?? id,
      counting: createCounting(start),
      cache: settings.promptCache && createPrefixCache(settings.promptCache.ttlMs),
    }
    live.set(id, model)
    return model
  }

  function find(id: string): Model | undefined {
    const known = live.get(id)
    if (known) return known
    const own = id === '*' ? undefined : models.get(id)
    if (own) return create(id, own)
    const star = models.get('*')
    if (!star || byStar >= MOST_BY_STAR) return undefined
    byStar++
    return create(id, star)
  }

  // Those with a name are there from the start, so that their buckets are full and their stats show.
  for (const id of models.keys()) if (id !== '*') find(id)
  return { find, all: () => live.values() }
}

export function resetModel(model: Model, now: number): void {
  if (model.limitsOf === model.id) model.limiter.reset(now)
  model.counting = createCounting(now, model.counting.counters.inFlight)
  model.cache?.clear()
}

export function modelStats({ bias, limiter, limitsOf, counting }: Model, now: number): ModelStats {
  return {
    ...snapshot(counting, now),
    tokenBias: bias,
    concurrency: limiter.concurrency ?? null,
    limitsOf,
    limits: limiter.limits.map(({ settings, tally }): LimitStats => {
      const { unit, amount, perMs, algorithm, burst, phaseMs } = settings
      const { charged, refunded, foreign, refused, peak, windowMax } = tally
      return {
        unit,
        amount,
        perMs,
        algorithm,
        burst,
        phaseMs,
        charged,
        refunded,
        foreign,
        refused,
        peak,
        windowMax,
      }
    }),
  }
}

import type { LimitEntry, TargetConfig } from '@plimsoll/core'
import type { FakeProviderOptions, LimitAlgorithm, LimitUnit, ModelOptions } from '@plimsoll/fake-provider'
import type { Service } from './lower-bound.ts'
import { WARM_UP_MODEL } from './warm-up.ts'
import type { ModelCall, Run } from './workload.ts'

/** What a model allows. The server enforces it, and our side is told of it, each in its own words. */
export interface ModelLimits {
  readonly algorithm: LimitAlgorithm
  /** By unit, for each minute. */
  readonly perMinute: Readonly<Partial<Record<LimitUnit, number>>>
  readonly concurrency?: number
}

/** A bucket must hold the largest call, and it is no fair test when that call takes most of it. */
const LEAST_CALLS = 2
const ROUND_TO = 100

/** Limits so tight that the work of one model takes this many minutes. */
export function tokenLimit(calls: readonly ModelCall[], minutes: number): number {
  const sizes = calls.map(({ promptTokens, maxOutputTokens }) => promptTokens + maxOutputTokens)
  return share(sizes, minutes)
}

export function share(sizes: readonly number[], minutes: number): number {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
  const least = Math.max(total / minutes, LEAST_CALLS * largest, 1)
  return least > 10 * ROUND_TO ? Math.round(least / ROUND_TO) * ROUND_TO : Math.ceil(least)
}

export function callsOf(runs: readonly Run[], model: string): ModelCall[] {
  return runs.flatMap(({ calls }) => calls.filter((call) => call.model === model))
}

/** A provider's 450 ms to the first token and 67 tokens a second, in the scaled minute's time. */
export function serviceAt(minuteMs: number): Service {
  const scale = minuteMs / 60_000
  return { ttftMs: 450 * scale, tokensPerSecond: 67 / scale }
}

export interface ProviderPlan {
  readonly seed: number
  readonly minuteMs: number
  readonly service: Service
  readonly models: Readonly<Record<string, ModelLimits>>
}

export function serverOptions({ seed, minuteMs, service, models }: ProviderPlan): FakeProviderOptions {
  const served: Record<string, ModelOptions> = { [WARM_UP_MODEL]: service }
  for (const [model, { algorithm, perMinute, concurrency }] of Object.entries(models)) {
    served[model] = {
      algorithm,
      limits: unitsOf(perMinute).map(([unit, amount]) => ({ unit, amount, perMs: minuteMs })),
      ...(concurrency === undefined ? {} : { concurrency }),
      // OpenAI's documented rule: a request that was turned away has used up one of the minute's requests.
      countRejected: true,
      ...service,
    }
  }
  return { seed, minuteMs, models: served }
}

/** The same for `createPlimsoll`. */
export function targets(provider: string, plan: ProviderPlan): Record<string, TargetConfig> {
  return Object.fromEntries(
    Object.entries(plan.models).map(([model, limits]) => [
      `${provider}/${model}`,
      { limits: limitEntries(limits, plan.minuteMs) },
    ]),
  )
}

function limitEntries({ algorithm, perMinute, concurrency }: ModelLimits, perMs: number): LimitEntry[] {
  const entries: LimitEntry[] = unitsOf(perMinute).map(([unit, amount]) => ({
    unit,
    amount,
    perMs,
    algorithm,
  }))
  return concurrency === undefined ? entries : [...entries, { unit: 'slots', amount: concurrency }]
}

function unitsOf(perMinute: ModelLimits['perMinute']): [LimitUnit, number][] {
  return Object.entries(perMinute) as [LimitUnit, number][]
}

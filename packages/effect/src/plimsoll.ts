import type { Plimsoll as Core, PlimsollConfig } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { Config, Context, Effect, Layer, Random, Scope } from 'effect'
import { bridgedClock } from './clock.ts'
import { CurrentPlace } from './current-call.ts'
import type { Place } from './current-call.ts'
import type { PlimsollError } from './error.ts'
import { feedMetrics } from './metrics.ts'
import { asked } from './thrown.ts'

/** The core's configuration; time and chance are Effect's own. */
export type EffectConfig = Omit<PlimsollConfig, 'clock'>

/** Has the core do something where the fiber stands that asked for it. */
export type Here = <A>(fn: (core: Core) => A) => A

export interface PlimsollService {
  /** The core under it: `update`, `drain`, `cache.purge` and what else has no need of Effect. */
  readonly core: Core
  /** How to enter the core from this fiber: on its clock, at its place. Ask in each call, and keep it no longer. */
  readonly here: Effect.Effect<Here>
}

const SEED = 'plimsoll'

/**
 * Limits, budgets and queues shared by everything that is called through it. Built once for a program.
 *
 * **When to use**: `Plimsoll.layer` with a configuration in code; `layerConfig` where parts of it come from the
 * environment; `layerTest` in tests; `layerCore` beside code
 * that is not Effect.
 *
 * **Details**: all state lives in this service. Every wait is one of Effect's `Clock`, jitter is of its `Random`, and the
 * core's events feed its `Metric`s. When the layer's scope closes, whoever waits is refused, and the store is flushed.
 *
 * **Gotcha**: an `ExecutionPlan` builds its layers anew with each attempt. Provide this one outside of it.
 *
 * **Example**
 * ```ts
 * const Limits = Plimsoll.layer({ targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000 } } } })
 * ```
 */
export class Plimsoll extends Context.Service<Plimsoll, PlimsollService>()('@plimsoll/effect/Plimsoll') {
  /** Fails with the reason `InvalidConfig`, naming the field and the mend. */
  static readonly layer = (config: EffectConfig = {}): Layer.Layer<Plimsoll, PlimsollError> =>
    Layer.effect(Plimsoll, made(config))

  /** The same, where fields of the configuration are `Config`s. Fails with a `ConfigError`, too. */
  static readonly layerConfig = (
    config: Config.Wrap<EffectConfig>,
  ): Layer.Layer<Plimsoll, PlimsollError | Config.ConfigError> =>
    Layer.effect(Plimsoll, Effect.flatMap(Config.unwrap(config), made))

  /** The same, with dice that always fall alike: under a `TestClock` a program then takes the same time each run. */
  static readonly layerTest = (config: EffectConfig = {}): Layer.Layer<Plimsoll, PlimsollError> =>
    Layer.effect(Plimsoll, Random.withSeed(made(config, true), SEED))

  /**
   * Over a Plimsoll that the rest of the program has already: it shares its limits, and keeps its own clock. Whoever made it
   * closes it.
   */
  static readonly layerCore = (core: Core): Layer.Layer<Plimsoll> =>
    Layer.effect(
      Plimsoll,
      Effect.as(feedMetrics(core), { core, here: Effect.map(CurrentPlace, hereOf(core)) }),
    )
}

const hereOf =
  (core: Core) =>
  (place: Place): Here =>
  (fn) =>
    place(() => fn(core))

function made(
  config: EffectConfig,
  keepsDice = false,
): Effect.Effect<PlimsollService, PlimsollError, Scope.Scope> {
  return Effect.gen(function* () {
    const context = yield* Effect.context()
    const clock = bridgedClock(context)
    yield* Effect.addFinalizer(() => Effect.sync(clock.close))
    const core = yield* asked(() => createPlimsoll({ ...config, clock }))
    yield* Effect.addFinalizer(() => closed(core))
    yield* feedMetrics(core)
    const here = Effect.map(Effect.context(), (current): Here => {
      clock.follow(
        keepsDice ? Context.add(current, Random.Random, Context.get(context, Random.Random)) : current,
      )
      return hereOf(core)(Context.get(current, CurrentPlace))
    })
    return { core, here }
  })
}

function closed(core: Core): Effect.Effect<void> {
  return Effect.promise(() => {
    core.close()
    return core.flush()
  })
}

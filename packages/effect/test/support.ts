import type { PlimsollEvent, PlimsollState } from '@plimsoll/core'
import { Effect, Exit, Layer, Scope } from 'effect'
import { TestClock } from 'effect/testing'
import { Plimsoll } from '../src/index.ts'
import type { EffectConfig } from '../src/index.ts'

export const TARGET = 'openai/m'
/** Answers at once: tests are about what happens, not when. */
export const QUICK = {
  ttftMs: 1,
  ttftSigma: 0,
  tokensPerSecond: 20_000,
  outputTokens: { median: 20, sigma: 0 },
}
export const NOTHING_LEFT: PlimsollState = { waiting: 0, reservations: 0 }

/** Runs a program under a test clock, with a Plimsoll of its own. */
export function inTest<A, E>(
  config: EffectConfig,
  effect: Effect.Effect<A, E, Plimsoll | Scope.Scope>,
): Promise<A> {
  const layer = Layer.provideMerge(Plimsoll.layerTest(config), TestClock.layer())
  return Effect.runPromise(Effect.scoped(effect).pipe(Effect.provide(layer)))
}

export function exitInTest<A, E>(
  config: EffectConfig,
  effect: Effect.Effect<A, E, Plimsoll | Scope.Scope>,
): Promise<Exit.Exit<A, E>> {
  return inTest(config, Effect.exit(effect))
}

export function listener(): { events: PlimsollEvent[]; onEvent: (event: PlimsollEvent) => void } {
  const events: PlimsollEvent[] = []
  return { events, onEvent: (event) => void events.push(event) }
}

export const state = Effect.map(Effect.service(Plimsoll), ({ core }) => core.state())

/** Lets everything run that is ready, without moving the clock: promises as well as fibers. */
export const settled = TestClock.withLive(Effect.sleep(5))

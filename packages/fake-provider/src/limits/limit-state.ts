import { createFixedWindow } from './fixed-window.ts'
import type { LimitSettings } from './limit-settings.ts'
import type { Meter } from './meter.ts'
import { createSlidingWindow } from './sliding-window.ts'
import { createTally, type Tally } from './tally.ts'
import { createTokenBucket } from './token-bucket.ts'

/** One limit as it runs: what it allows, and what it has counted. */
export interface LimitState {
  readonly settings: LimitSettings
  meter: Meter
  tally: Tally
}

export function createState(settings: LimitSettings, now: number): LimitState {
  const { amount, perMs, burst, phaseMs, algorithm } = settings
  const meter =
    algorithm === 'token-bucket'
      ? createTokenBucket(amount, perMs, burst, now)
      : algorithm === 'fixed-window'
        ? createFixedWindow(amount, perMs, phaseMs)
        : createSlidingWindow(amount, perMs)
  return { settings, meter, tally: createTally(perMs, phaseMs) }
}

export function takeFrom({ meter, tally }: LimitState, now: number, amount: number, foreign: boolean): void {
  meter.take(now, amount)
  tally.take(now, amount, meter.used(now), foreign)
}

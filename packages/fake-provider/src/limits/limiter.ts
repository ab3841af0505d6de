import type { LimitUnit } from '../options.ts'
import type { LimitSettings } from './limit-settings.ts'
import { createState, type LimitState, takeFrom } from './limit-state.ts'

/** What a request asks for at admission. Output is not asked for: its limit has only to be short of its cap. */
interface Demand {
  requests: number
  tokens: number
  input: number
}

/** Why a request was refused: the limit that holds it up longest. */
export interface Refusal {
  unit: LimitUnit | 'concurrency'
  name: string
  limit: number
  used: number
  requested: number
  /** ms until it would fit; Infinity when it never can; undefined when nobody knows (slots). */
  waitMs: number | undefined
}

/** A charge taken at admission, to which later output and refunds belong. */
export interface Charge {
  at: number
  epoch: number
}

/** All limits of one model. A request takes from every limit or from none. */
export interface Limiter {
  readonly limits: readonly LimitState[]
  readonly concurrency: number | undefined
  readonly inFlight: number
  admit(now: number, demand: Demand): Charge | Refusal
  /** Takes from the limits of one unit, whether it fits or not: output as it is generated. */
  add(now: number, unit: LimitUnit, amount: number): void
  /** Counts a refused request, as far as there is room: resending without pause never gets through. */
  countRefused(now: number): void
  /** Gives back tokens reserved by `charge` beyond what was used. */
  giveBack(now: number, charge: Charge, amount: number): void
  /** Takes from the limits of one unit as another process would: only if it fits them all. */
  consume(now: number, unit: LimitUnit, amount: number): boolean
  /** Ends a request in flight. */
  release(): void
  /** Every limit as at the start. Requests in flight stay in flight. */
  reset(now: number): void
}

/** Smaller than any token: fits as long as the counter is short of its cap. */
const PROBE = 1e-6

export function isRefusal(result: Charge | Refusal): result is Refusal {
  return 'unit' in result
}

export function createLimiter(
  settings: readonly LimitSettings[],
  concurrency: number | undefined,
  start: number,
): Limiter {
  let limits = settings.map((limit) => createState(limit, start))
  let epoch = 0
  let inFlight = 0

  function worst(now: number, asked: (unit: LimitUnit) => number): Refusal | undefined {
    let found: Refusal | undefined
    for (const { settings: limit, meter, tally } of limits) {
      const requested = asked(limit.unit)
      const waitMs = requested === 0 ? 0 : meter.waitMs(now, requested)
      if (waitMs === 0) continue
      tally.refused++
      if (found?.waitMs !== undefined && found.waitMs >= waitMs) continue
      const { unit, name } = limit
      const shown = unit === 'output' ? 0 : requested
      found = { unit, name, limit: meter.capacity, used: meter.used(now), requested: shown, waitMs }
    }
    return found
  }

  function takeAll(now: number, asked: (unit: LimitUnit) => number, foreign: boolean): void {
    for (const state of limits) {
      const amount = asked(state.settings.unit)
      if (amount > 0) takeFrom(state, now, amount, foreign)
    }
  }

  return {
    get limits() {
      return limits
    },
    concurrency,
    get inFlight() {
      return inFlight
    },
    admit(now, demand) {
      const refusal = worst(now, (unit) => (unit === 'output' ? PROBE : demand[unit]))
      if (refusal) return refusal
      if (concurrency !== undefined && inFlight >= concurrency) {
        const name = 'concurrent requests'
        return {
          unit: 'concurrency',
          name,
          limit: concurrency,
          used: inFlight,
          requested: 1,
          waitMs: undefined,
        }
      }
      takeAll(now, (unit) => (unit === 'output' ? 0 : demand[unit]), false)
      inFlight++
      return { at: now, epoch }
    },
    add(now, unit, amount) {
      takeAll(now, (candidate) => (candidate === unit ? amount : 0), false)
    },
    countRefused(now) {
      for (const state of limits) {
        const room = Math.min(1, state.meter.capacity - state.meter.used(now))
        if (state.settings.unit === 'requests' && room > 0) takeFrom(state, now, room, false)
      }
    },
    giveBack(now, charge, amount) {
      if (charge.epoch !== epoch || amount <= 0) return
      for (const { settings: limit, meter, tally } of limits) {
        if (limit.unit === 'tokens') tally.giveBack(now, meter.giveBack(now, amount, charge.at), charge.at)
      }
    },
    consume(now, unit, amount) {
      const asked = (candidate: LimitUnit): number => (candidate === unit ? amount : 0)
      if (limits.some((state) => state.settings.unit === unit && state.meter.waitMs(now, amount) > 0))
        return false
      takeAll(now, asked, true)
      return true
    },
    release() {
      inFlight--
    },
    reset(now) {
      epoch++
      limits = settings.map((limit) => createState(limit, now))
    },
  }
}

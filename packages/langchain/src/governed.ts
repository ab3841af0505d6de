import type { Attributes, Plimsoll } from '@plimsoll/core'
import type { Fields } from './request.ts'

/**
 * What a wrapped model writes into the options of its calls, under a symbol: it survives spreads, and stays out of JSON
 * and cache keys.
 */
const CALL = Symbol('plimsoll.call')

export interface CallMark {
  /** Who governs the call already. */
  readonly by: readonly Plimsoll[]
  /** What the call's `metadata.plimsoll` says, which models themselves are not shown. */
  readonly attributes: Fields
}

const NO_MARK: CallMark = { by: [], attributes: {} }

export function markOf(options: unknown): CallMark {
  return (options as { [CALL]?: CallMark } | undefined)?.[CALL] ?? NO_MARK
}

export function marked<O extends object>(options: O, mark: CallMark): O {
  return { ...options, [CALL]: mark }
}

/** A model that chooses among others, and the same with attributes that hold where its own do not say otherwise. */
export interface Router {
  readonly by: Plimsoll
  bound(attributes: Attributes): object
}

/** Models that govern themselves: around one of them nothing is left to govern, and its choice would not be asked. */
export const routers = new WeakMap<object, Router>()

/** Calls that are being made, by the signal that an attempt hands down: no other call is given it. */
const made = new WeakMap<AbortSignal, readonly Plimsoll[]>()

/** Whether this call is made for one that this Plimsoll has let in: a model may be wrapped twice. */
export function isMadeUnder(signal: AbortSignal | undefined, plimsoll: Plimsoll): boolean {
  return signal !== undefined && made.get(signal)?.includes(plimsoll) === true
}

export function madeUnder(signal: AbortSignal, around: AbortSignal | undefined, plimsoll: Plimsoll): void {
  made.set(signal, [...((around && made.get(around)) ?? []), plimsoll])
}

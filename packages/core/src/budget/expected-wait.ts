import type { Level, Store } from '../store/port.ts'
import type { ChargeLine } from './charges.ts'
import type { HigherUse } from './higher-use.ts'
import type { PredictedWait } from './predicted-wait.ts'
import type { QueueOptions } from './queue-options.ts'
import type { WaitingRoom } from './waiting-room.ts'
import type { Ask } from './waiter.ts'

/** What is to be expected of waiting. */
export interface Expected {
  readonly waitMs: number
  /** For learning from how it came out. */
  readonly baseMs: number
  /** The limit that takes longest. */
  readonly slowest: ChargeLine | undefined
  /** The least share that is left of any limit, 0 to 1. */
  readonly room: number
}

export interface ExpectedWaitOptions extends Pick<QueueOptions, 'refuse'> {
  readonly room: WaitingRoom
  readonly prediction: PredictedWait
  readonly higher: HigherUse
  /** By position in its plan: what must stay for higher priorities. */
  readonly leaves: readonly number[]
  readonly store: Store
}

/**
 * How long a call would wait, were it to enter now. `done` is told `undefined` where the store cannot say, and may be called
 * later, where it is not in memory.
 */
export function expectedWait(
  ask: Ask,
  now: number,
  { room, prediction, higher, leaves, store, refuse }: ExpectedWaitOptions,
  done: (expected: Expected | undefined) => void,
): void {
  const { lines, buckets } = ask.plan
  const ahead = room.aheadOf(ask)
  const amounts = prediction.amounts(ask, ahead)
  store.send({ type: 'peek', buckets, amounts, leaves }, now, (answer) => {
    if (answer.kind === 'failure') return done(undefined)
    const { levels } = answer
    const { leastMs, baseMs, expectedMs } = prediction.predict(ask, { ahead, levels, higher, now })
    const slowest = Math.max(
      0,
      levels.findIndex((level) => level.waitMs >= leastMs),
    )
    const waitMs = refuse === 'certain' ? leastMs : expectedMs
    done({ waitMs, baseMs, slowest: lines[slowest], room: leastShare(levels) })
  })
}

function leastShare(levels: readonly Level[]): number {
  let least = 1
  for (const { available, capacity } of levels) {
    // What is not known yet is as good as whole.
    if (Number.isFinite(capacity)) least = Math.min(least, Math.max(0, available / capacity))
  }
  return least
}

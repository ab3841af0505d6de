import type { Strategy } from './ladder.ts'

/** What is to be expected of a target for one call. */
export interface Outlook {
  /** `Infinity` where it would be refused. */
  readonly waitMs: number
  /** The least share that is left of any of its limits, 0 to 1. */
  readonly room: number
  /** Dollars; absent where the price is not known. */
  readonly costUsd: number | undefined
  /** How long it took to answer of late; absent where nobody has asked it of late. */
  readonly latencyMs: number | undefined
}

/** Best first. Of those that are alike the configured order stands. */
export function ranked(
  targets: readonly string[],
  outlooks: readonly Outlook[],
  strategy: Exclude<Strategy, 'order'>,
): string[] {
  const scores = new Map(targets.map((target, index) => [target, scoreOf(outlooks[index]!, strategy)]))
  return targets.toSorted((one, other) => compare(scores.get(one)!, scores.get(other)!))
}

type Score = readonly [first: number, second: number]

function scoreOf({ waitMs, room, costUsd, latencyMs }: Outlook, strategy: Exclude<Strategy, 'order'>): Score {
  switch (strategy) {
    case 'headroom':
      return [waitMs, -room]
    case 'cost':
      // What nobody knows the price of may cost anything.
      return [costUsd ?? Number.POSITIVE_INFINITY, waitMs]
    case 'latency':
      // Who has not been asked of late is asked, or nobody would find out that it has become fast.
      return [waitMs + (latencyMs ?? 0), -room]
  }
}

/** By difference `Infinity` would be `NaN` beside itself. */
function compare(one: Score, other: Score): number {
  const index = one[0] === other[0] ? 1 : 0
  return one[index] === other[index] ? 0 : one[index] < other[index] ? -1 : 1
}

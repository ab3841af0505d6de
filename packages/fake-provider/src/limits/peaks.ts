/**
 * Answers "how full has the bucket been since time t". Fed with the level before each charge, it keeps only those
 * that no later one exceeds, so the list falls from its first entry to its last.
 */
export interface Peaks {
  add(time: number, level: number): void
  /** The highest level seen after the charge at `time`; -Infinity when there is none. */
  highestAfter(time: number): number
  /** A refund of a charge at `time` would have kept every level since then this much higher. */
  raise(time: number, amount: number): void
}

interface Peak {
  time: number
  level: number
}

/** How many levels are remembered: a charge older than the oldest of them is answered from that one. */
const MOST = 4096

export function createPeaks(): Peaks {
  let peaks: Peak[] = []

  function firstAfter(time: number): number {
    let low = 0
    let high = peaks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((peaks[middle]?.time ?? Infinity) > time) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    add(time, level) {
      while (peaks.length > 0 && (peaks[peaks.length - 1]?.level ?? Infinity) <= level) peaks.pop()
      peaks.push({ time, level })
      if (peaks.length > 2 * MOST) peaks = peaks.slice(-MOST)
    },
    highestAfter(time) {
      return peaks[firstAfter(time)]?.level ?? -Infinity
    },
    raise(time, amount) {
      const first = firstAfter(time)
      for (const peak of peaks.slice(first)) peak.level += amount
      const highest = peaks[first]?.level ?? -Infinity
      let kept = first
      while (kept > 0 && (peaks[kept - 1]?.level ?? Infinity) <= highest) kept--
      peaks.splice(kept, first - kept)
    },
  }
}

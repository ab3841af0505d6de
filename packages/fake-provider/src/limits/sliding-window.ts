import { type Meter, TOLERANCE } from './meter.ts'

/** At most `amount` within any `perMs`: an exact log of what was taken and when. */
export function createSlidingWindow(amount: number, perMs: number): Meter {
  let times: number[] = []
  let amounts: number[] = []
  let head = 0
  let used = 0

  function expire(now: number): void {
    while (head < times.length && (times[head] ?? 0) + perMs <= now) {
      used -= amounts[head] ?? 0
      head++
    }
    if (head === times.length) used = 0
    if (head > 256 && head * 2 > times.length) {
      times = times.slice(head)
      amounts = amounts.slice(head)
      head = 0
    }
  }

  /** The entry stamped `time`, or -1 once it has left the window. */
  function find(time: number): number {
    let low = head
    let high = times.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const stamp = times[middle] ?? 0
      if (stamp === time) return middle
      if (stamp < time) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  return {
    capacity: amount,
    used(now) {
      expire(now)
      return used
    },
    take(now, taken) {
      expire(now)
      const last = times.length - 1
      if (last >= head && times[last] === now) amounts[last] = (amounts[last] ?? 0) + taken
      else {
        times.push(now)
        amounts.push(taken)
      }
      used += taken
    },
    giveBack(now, back, takenAt) {
      expire(now)
      const index = find(takenAt)
      if (index < 0) return 0
      const held = amounts[index] ?? 0
      const given = Math.min(back, held)
      amounts[index] = held - given
      used -= given
      return given
    },
    waitMs(now, wanted) {
      if (wanted > amount + TOLERANCE) return Infinity
      expire(now)
      let left = used
      for (let index = head; left + wanted > amount + TOLERANCE; index++) {
        const time = times[index]
        if (time === undefined) return 0
        left -= amounts[index] ?? 0
        if (left + wanted <= amount + TOLERANCE) return time + perMs - now
      }
      return 0
    },
    fullResetMs(now) {
      expire(now)
      const last = times[times.length - 1]
      return head === times.length || last === undefined ? 0 : last + perMs - now
    },
  }
}

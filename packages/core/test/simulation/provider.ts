/**
 * A provider that counts exactly, in code of its own: what admission is held against. Nothing here is shared with the
 * code under test.
 */
export interface Counter {
  /** Takes all of it and says true, or nothing. */
  take(now: number, amount: number): boolean
  /** Charges it whether there is room or not: output that is already generated. */
  charge(now: number, amount: number): void
  /** What could be taken now. */
  left(now: number): number
  /** The last of work of `total` that arrives from `from` on cannot be admitted before this time. */
  earliest(from: number, total: number): number
}

export type Counting = 'token-bucket' | 'fixed-window' | 'sliding-window'

export function counter(kind: Counting, cap: number, perMs: number, phase = 0): Counter {
  if (kind === 'token-bucket') return continuous(cap, perMs)
  return kind === 'fixed-window' ? fixed(cap, perMs, phase) : sliding(cap, perMs)
}

function continuous(cap: number, perMs: number): Counter {
  let level = cap
  let at = 0
  const refill = (now: number) => {
    level = Math.min(cap, level + ((now - at) * cap) / perMs)
    at = now
  }
  return {
    take(now, amount) {
      refill(now)
      // A millionth for sums that were added in another order.
      if (level + cap * 1e-6 < amount) return false
      level -= amount
      return true
    },
    charge(now, amount) {
      refill(now)
      level -= amount
    },
    left(now) {
      refill(now)
      return level
    },
    earliest: (from, total) => from + Math.max(0, ((total - cap) * perMs) / cap),
  }
}

function fixed(cap: number, perMs: number, phase: number): Counter {
  let window = Number.NEGATIVE_INFINITY
  let used = 0
  const roll = (now: number) => {
    const current = Math.floor((now - phase) / perMs)
    if (current !== window) used = 0
    window = current
  }
  return {
    take(now, amount) {
      roll(now)
      if (used + amount > cap * (1 + 1e-6)) return false
      used += amount
      return true
    },
    charge(now, amount) {
      roll(now)
      used += amount
    },
    left(now) {
      roll(now)
      return cap - used
    },
    earliest: (from, total) =>
      total <= cap ? from : phase + (Math.floor((from - phase) / perMs) + Math.ceil(total / cap) - 1) * perMs,
  }
}

function sliding(cap: number, perMs: number): Counter {
  const log: { at: number; amount: number }[] = []
  let first = 0
  let used = 0
  const expire = (now: number) => {
    while (first < log.length && log[first]!.at <= now - perMs) used -= log[first++]!.amount
    if (first <= 4_096) return
    log.splice(0, first)
    first = 0
  }
  return {
    take(now, amount) {
      expire(now)
      if (used + amount > cap * (1 + 1e-6)) return false
      used += amount
      log.push({ at: now, amount })
      return true
    },
    charge(now, amount) {
      expire(now)
      used += amount
      log.push({ at: now, amount })
    },
    left(now) {
      expire(now)
      return cap - used
    },
    earliest: (from, total) => from + perMs * (Math.ceil(total / cap) - 1),
  }
}

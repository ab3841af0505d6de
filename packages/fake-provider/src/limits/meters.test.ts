import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { createFixedWindow } from './fixed-window.ts'
import type { Meter } from './meter.ts'
import { createSlidingWindow } from './sliding-window.ts'
import { createTokenBucket } from './token-bucket.ts'

const AMOUNT = 100
const PER_MS = 1000
const PHASE_MS = 130

interface Entry {
  at: number
  amount: number
}

/** What each algorithm means, worked out anew from the whole log on every question. */
const oracles: Record<string, { create(): Meter; used(log: Entry[], now: number): number }> = {
  'token-bucket': {
    create: () => createTokenBucket(AMOUNT, PER_MS, AMOUNT, 0),
    used(log, now) {
      let used = 0
      let at = 0
      for (const entry of [...log, { at: now, amount: 0 }]) {
        used = Math.max(0, used - ((entry.at - at) * AMOUNT) / PER_MS) + entry.amount
        at = entry.at
      }
      return used
    },
  },
  'fixed-window': {
    create: () => createFixedWindow(AMOUNT, PER_MS, PHASE_MS),
    used(log, now) {
      return sum(log.filter((entry) => windowAt(entry.at) === windowAt(now)))
    },
  },
  'sliding-window': {
    create: () => createSlidingWindow(AMOUNT, PER_MS),
    used: (log, now) => sum(log.filter((entry) => entry.at > now - PER_MS)),
  },
}

function windowAt(time: number): number {
  return Math.floor((time - PHASE_MS) / PER_MS)
}

function sum(log: Entry[]): number {
  return log.reduce((total, entry) => total + entry.amount, 0)
}

describe.each(Object.entries(oracles))('%s', (_name, oracle) => {
  it('agrees with a log of everything taken and given back', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = createRandom(seed)
      const meter = oracle.create()
      const log: Entry[] = []
      let now = 0
      const told: number[] = []
      const right: number[] = []
      // One run is long enough for a log to be compacted.
      const steps = seed === 1 ? 3000 : 300
      for (let step = 0; step < steps; step++) {
        // Now and then two events fall on one instant.
        if (random() < 0.8) now += Math.ceil(random() * 60)
        const amount = Math.ceil(random() * 40)
        const open = log.filter((entry) => entry.amount > 0 && entry.at >= now - 3 * PER_MS)
        const entry = open[Math.floor(random() * open.length)]
        if (entry && random() < 0.3) {
          const back = Math.ceil(random() * entry.amount)
          const before = oracle.used(log, now)
          entry.amount -= back
          told.push(meter.giveBack(now, back, entry.at))
          right.push(before - oracle.used(log, now))
        } else {
          const fits = oracle.used(log, now) + amount <= AMOUNT + 1e-6
          told.push(meter.waitMs(now, amount) === 0 ? 1 : 0)
          right.push(fits ? 1 : 0)
          if (fits) {
            meter.take(now, amount)
            log.push({ at: now, amount })
          }
        }
        told.push(meter.used(now))
        right.push(oracle.used(log, now))
      }
      const wrong = told.findIndex((value, index) => Math.abs(value - (right[index] ?? 0)) > 1e-6)
      expect(`${wrong}: ${told[wrong]}`).toBe(`-1: ${undefined}`)
      expect(log.length).toBeGreaterThan(50)
      expect(right.filter((value) => value === 0).length).toBeGreaterThan(20)
    }
  })

  it('says how long to wait: just before it does not fit, then it does', () => {
    const random = createRandom(7)
    const meter = oracle.create()
    let now = 0
    const earlier: number[] = []
    for (let step = 0; step < 500; step++) {
      now += random() * 20
      const amount = Math.ceil(random() * 60)
      const wait = meter.waitMs(now, amount)
      if (wait > 0.01) earlier.push(meter.waitMs(now + wait - 0.01, amount))
      now += wait
      expect(meter.waitMs(now, amount)).toBeLessThan(1e-6)
      meter.take(now, amount)
      expect(meter.used(now)).toBeLessThanOrEqual(AMOUNT + 1e-6)
    }
    expect(earlier.length).toBeGreaterThan(50)
    expect(Math.min(...earlier)).toBeGreaterThan(0)
  })

  it('never fits more than it can hold, and is empty after its reset', () => {
    const meter = oracle.create()
    expect(meter.waitMs(0, AMOUNT + 1)).toBe(Infinity)
    expect(meter.fullResetMs(0)).toBe(0)
    meter.take(500, 60)
    const reset = meter.fullResetMs(500)
    expect(meter.used(500 + reset - 1)).toBeGreaterThan(0)
    expect(meter.used(500 + reset)).toBeCloseTo(0, 6)
  })

  it('counts what was taken beyond its cap, and recovers', () => {
    const meter = oracle.create()
    meter.take(200, 150)
    expect(meter.used(200)).toBe(150)
    expect(meter.waitMs(200, 1)).toBeGreaterThan(0)
    expect(meter.used(200 + 2 * PER_MS)).toBe(0)
  })
})

describe('a token bucket', () => {
  it('gives back no more than it could have held: take 50, refill 30, take 80, give back 50, 50 are left', () => {
    const bucket = createTokenBucket(100, 1000, 100, 0)
    bucket.take(0, 50)
    bucket.take(300, 80)
    // Had the 50 not been taken, the bucket would have been full all the time until the 80.
    expect(bucket.giveBack(300, 50, 0)).toBe(20)
    expect(100 - bucket.used(300)).toBeCloseTo(20, 6)
  })

  it('with a burst of its own holds that much, at the same rate', () => {
    const bucket = createTokenBucket(60, 60_000, 1, 0)
    expect(bucket.waitMs(0, 2)).toBe(Infinity)
    bucket.take(0, 1)
    expect(bucket.waitMs(0, 1)).toBeCloseTo(1000, 6)
  })
})

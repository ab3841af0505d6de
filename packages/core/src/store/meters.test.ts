import { describe, expect, it } from 'vitest'
import { FixedWindow } from './fixed-window.ts'
import { Meters } from './meters.ts'
import type { Bucket } from './port.ts'
import { Quota } from './quota.ts'
import { SlidingWindow } from './sliding-window.ts'
import { Slots } from './slots.ts'
import { TokenBucket } from './token-bucket.ts'

function budget(key: string, rest: Partial<Bucket> = {}): Bucket {
  return { key, algorithm: 'quota', capacity: 100, perMs: Infinity, forgettable: true, ...rest }
}

function full({
  used = () => 10,
  rest = {},
}: { used?: (nth: number) => number; rest?: Partial<Bucket> } = {}) {
  const forgotten: string[] = []
  const meters = new Meters({ maxKeys: 64, onForgotten: (key) => forgotten.push(key) })
  for (let nth = 0; nth < 64; nth++) meters.of(budget(`b${nth}`, rest), 0).count(0, used(nth))
  return { meters, forgotten }
}

describe('meters over their bound', () => {
  it('forget the budget that has most left of eight, and say so', () => {
    const { meters, forgotten } = full({ used: (nth) => (nth === 5 ? 1 : 10) })
    meters.of(budget('new'), 0)
    expect([forgotten, meters.size]).toEqual([['b5'], 64])
  })

  it('forget the oldest of those that have as much left, and look no farther than at eight', () => {
    const { meters, forgotten } = full({ used: (nth) => (nth === 8 ? 1 : 10) })
    meters.of(budget('new'), 0)
    expect(forgotten).toEqual(['b0'])
  })

  it('go by the part that is left, not by how much that is', () => {
    const forgotten: string[] = []
    const meters = new Meters({ maxKeys: 64, onForgotten: (key) => forgotten.push(key) })
    for (let nth = 0; nth < 64; nth++) {
      const capacity = nth === 3 ? 10 : 1_000
      meters.of(budget(`b${nth}`, { capacity }), 0).count(0, nth === 3 ? 1 : 500)
    }
    meters.of(budget('new'), 0)
    expect(forgotten).toEqual(['b3'])
  })

  it('are as many as they are told, and 64 at least', () => {
    const sizes = [100, 1].map((maxKeys) => {
      const meters = new Meters({ maxKeys, onForgotten: () => {} })
      for (let nth = 0; nth < 64; nth++) meters.of(budget(`b${nth}`), 0)
      const before = meters.size
      meters.of(budget('new'), 0)
      return [before, meters.size]
    })
    expect(sizes).toEqual([
      [64, 65],
      // Eight were looked at, all of them at rest.
      [64, 57],
    ])
  })

  it('look at eight others the next time, and come round again', () => {
    const { meters, forgotten } = full({ used: (nth) => (nth === 5 || nth === 12 ? 1 : 10) })
    for (const key of ['one', 'two']) meters.of(budget(key), 0).count(0, 50)
    expect(forgotten).toEqual(['b5', 'b12'])
    for (let nth = 0; nth < 7; nth++) meters.of(budget(`more${nth}`), 0).count(0, 100)
    expect([forgotten.length, meters.size]).toEqual([9, 64])
  })

  it('never forget what is spent while there is something that is not', () => {
    const { meters, forgotten } = full({ used: (nth) => (nth % 8 === 3 ? 100 : 1) })
    for (let nth = 0; nth < 500; nth++) meters.of(budget(`flood${nth}`), 0).count(0, 1)
    expect(forgotten.filter((key) => key.startsWith('b') && Number(key.slice(1)) % 8 === 3)).toEqual([])
    expect(meters.size).toBe(64)
  })

  it('let those at rest go without a word, and forget nothing then', () => {
    const { meters, forgotten } = full({ used: (nth) => (nth === 2 || nth === 4 ? 0 : 10) })
    meters.of(budget('new'), 0)
    expect([forgotten, meters.known('b2'), meters.known('b4'), meters.size]).toEqual([
      [],
      undefined,
      undefined,
      63,
    ])
  })

  it('keep what is held, what is claimed and the limits of providers, and pass the bound for them', () => {
    const held = full()
    for (let nth = 0; nth < 64; nth++) held.meters.of(budget(`b${nth}`), 0).hold(0, 1)
    held.meters.of(budget('new'), 0)
    const claimed = full()
    for (let nth = 0; nth < 64; nth++)
      claimed.meters.of(budget(`b${nth}`), 0).claims.lay({ holder: 1, rank: 1, amount: 1, until: 1 }, 0)
    claimed.meters.of(budget('new'), 0)
    const limits = full({ rest: { forgettable: false } })
    limits.meters.of(budget('new'), 0)
    expect([held, claimed, limits].map(({ meters, forgotten }) => [meters.size, forgotten])).toEqual([
      [65, []],
      [65, []],
      [65, []],
    ])
  })
})

it('a bucket is counted by its algorithm', () => {
  const meters = new Meters({ maxKeys: 64, onForgotten: () => {} })
  const kinds = { 'token-bucket': TokenBucket, 'fixed-window': FixedWindow, 'sliding-window': SlidingWindow }
  for (const [algorithm, Kind] of Object.entries({ ...kinds, quota: Quota, slots: Slots }))
    expect(meters.of(budget(algorithm, { algorithm: algorithm as Bucket['algorithm'] }), 0)).toBeInstanceOf(
      Kind,
    )
})

describe('forgetting a holder', () => {
  it('is forgetting every budget that names it, and none that only looks like it', () => {
    const meters = new Meters({ maxKeys: 64, onForgotten: () => {} })
    const keys = [
      'budget:tenant=acme:tokens:total',
      'budget#2:user=u+tenant=acme:tokens:total',
      'budget:tenant=acme2:tokens:total',
      'limit:tenant=acme:tokens:60000',
      'budget:user=tenant%3dacme:tokens:total',
    ]
    for (const key of keys) meters.of(budget(key), 0)
    meters.forgetHolder('tenant=acme')
    expect(keys.map((key) => meters.known(key) !== undefined)).toEqual([false, false, true, true, true])
  })
})

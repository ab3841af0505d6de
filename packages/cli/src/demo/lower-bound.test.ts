import { describe, expect, it } from 'vitest'
import { lowerBound, shortestChainMs } from './lower-bound.ts'
import type { ServedLimit, ServedModel } from './lower-bound.ts'

const limit = (over: Partial<ServedLimit>): ServedLimit => ({
  unit: 'tokens',
  amount: 100,
  perMs: 1_000,
  algorithm: 'token-bucket',
  burst: 100,
  charged: 0,
  refunded: 0,
  foreign: 0,
  ...over,
})

const model = (over: Partial<ServedModel>): ServedModel => ({
  limitsOf: 'm',
  limits: [],
  concurrency: null,
  slotMs: 0,
  ...over,
})

function boundOf(only: Partial<ServedModel>) {
  return lowerBound({ models: { m: model(only) } }, 0)
}

function sliding(charged: number): number {
  return boundOf({ limits: [limit({ algorithm: 'sliding-window', charged })] }).ms
}

describe('lowerBound', () => {
  it('has a token bucket refill what its burst does not cover', () => {
    // 750 - 100 at 0.1 a millisecond.
    expect(boundOf({ limits: [limit({ charged: 750 })] })).toEqual({
      ms: 6_500,
      by: 'm tokens',
      windows: 7.5,
    })
    expect(boundOf({ limits: [limit({ charged: 750, burst: 50 })] }).ms).toBe(7_000)
    expect(boundOf({ limits: [limit({ charged: 60 })] }).ms).toBe(0)
  })

  it('counts what others took, and not what was given back', () => {
    expect(boundOf({ limits: [limit({ charged: 800, refunded: 200, foreign: 50 })] }).ms).toBe(5_500)
  })

  it('needs a window for each full one before the last', () => {
    expect(sliding(0)).toBe(0)
    expect(sliding(100)).toBe(0)
    expect(sliding(101)).toBe(1_000)
    expect(sliding(700)).toBe(6_000)
  })

  it('counts fixed windows as if the first were whole', () => {
    expect(boundOf({ limits: [limit({ algorithm: 'fixed-window', charged: 350 })] }).ms).toBe(3_000)
    expect(boundOf({ limits: [limit({ algorithm: 'fixed-window', charged: 400 })] }).ms).toBe(3_000)
  })

  it('divides busy time among slots, of all models that share them', () => {
    const models = {
      a: model({ limitsOf: 'a', concurrency: 4, slotMs: 6_000 }),
      b: model({ limitsOf: 'a', concurrency: 4, slotMs: 2_000 }),
    }
    expect(lowerBound({ models }, 0)).toEqual({
      ms: 2_000,
      by: 'a slots',
      windows: 0,
    })
  })

  it('is the slowest limit of all, and then the shortest chain', () => {
    const models = {
      small: model({ limitsOf: 'small', limits: [limit({ charged: 300 })] }),
      large: model({
        limitsOf: 'large',
        limits: [limit({ unit: 'requests', charged: 500 }), limit({ charged: 400 })],
      }),
    }
    const bound = lowerBound({ models }, 70)
    expect(bound).toEqual({ ms: 4_070, by: 'large requests', windows: 5 })
  })

  it('is the chain alone where nothing is limited', () => {
    expect(lowerBound({ models: {} }, 70).ms).toBe(70)
  })
})

describe('shortestChainMs', () => {
  it('sums what each answer of the shortest run takes', () => {
    const service = { ttftMs: 10, tokensPerSecond: 1_000 }
    expect(shortestChainMs([[100, 200], [50, 60], [1_000]], service)).toBe(130)
    expect(shortestChainMs([], service)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { generic } from '../providers/generic.ts'
import type { Level } from '../store/port.ts'
import { chargePlan } from './charges.ts'
import { HigherUse } from './higher-use.ts'
import { limitLines } from './limit-lines.ts'
import { PredictedWait } from './predicted-wait.ts'
import type { Ask, Rank } from './waiter.ts'

const LINES = limitLines(
  't',
  [
    { unit: 'tokens', amount: 1_000, perMs: 60_000 },
    { unit: 'requests', amount: 10, perMs: 60_000 },
    { unit: 'slots', amount: 2 },
  ],
  generic,
)
const BUDGET = { ...LINES[0]!, budget: true }

function ask(rank: Rank = 1, cost = 100): Ask {
  const plan = chargePlan(LINES, [BUDGET])
  return { plan, amounts: [cost, 1, 1, cost], rank, cost } as unknown as Ask
}

function levels(tokensMs: number, slotsFree = 2): Level[] {
  const level = { available: 0, capacity: 1_000, waitMs: tokensMs }
  return [
    level,
    { ...level, waitMs: 0 },
    { available: slotsFree, capacity: 2, waitMs: 0 },
    { ...level, waitMs: 0 },
  ]
}

function predict(
  prediction: PredictedWait,
  given: readonly Level[],
  { rank = 1 as Rank, calls = 0, higher = new HigherUse(LINES) } = {},
) {
  return prediction.predict(ask(rank), { ahead: { calls, tokens: 0 }, levels: given, higher, now: 0 })
}

describe('what the store is asked about', () => {
  it('is what goes before and the call itself; of its own budgets only itself', () => {
    expect(new PredictedWait().amounts(ask(), { calls: 3, tokens: 400 })).toEqual([500, 4, 1, 100])
  })

  it('is less where calls come to less than they reserve', () => {
    const prediction = new PredictedWait()
    for (let call = 0; call < 200; call++) prediction.settled(100, [50, 1, 1], 3)
    expect(prediction.amounts(ask(), { calls: 3, tokens: 400 })[0]).toBeCloseTo(300, 0)
  })

  it('is more again where they come to more', () => {
    const prediction = new PredictedWait()
    prediction.settled(100, [50, 1, 1], 3)
    for (let call = 0; call < 200; call++) prediction.settled(100, [100, 1, 1], 3)
    expect(prediction.amounts(ask(), { calls: 3, tokens: 400 })[0]).toBeCloseTo(500, 0)
  })

  it('is nothing of a limit that the call takes nothing of, whatever others take', () => {
    const prediction = new PredictedWait()
    prediction.settled(100, [50, 1, 1], 3)
    expect(prediction.amounts(ask(1, 0), { calls: 3, tokens: 400 })).toEqual([0, 4, 1, 0])
  })

  it('is the call itself where nothing is known of others and it has no tokens to go by', () => {
    const bare = { ...ask(1, 0), amounts: [5, 1, 1, 5] }
    const prediction = new PredictedWait()
    prediction.settled(0, [50, 1, 1], 3)
    expect(prediction.amounts(bare, { calls: 3, tokens: 400 })).toEqual([5, 4, 1, 5])
  })

  it('is a number for a call that costs nothing', () => {
    expect(new PredictedWait().amounts(ask(1, 0), { calls: 3, tokens: 400 })).toEqual([0, 4, 1, 0])
  })
})

describe('a wait', () => {
  it('is at least that of the slowest limit', () => {
    expect(predict(new PredictedWait(), levels(5_000))).toEqual({
      leastMs: 5_000,
      baseMs: 5_000,
      expectedMs: 5_000,
    })
  })

  it('is longer by what higher priorities will take meanwhile, tenfold at most', () => {
    const higher = new HigherUse(LINES)
    higher.granted(0, [500, 0, 0], 0)
    expect(predict(new PredictedWait(), levels(5_000), { higher })).toMatchObject({
      leastMs: 5_000,
      baseMs: 10_000,
    })
    higher.granted(0, [5_000, 0, 0], 0)
    expect(predict(new PredictedWait(), levels(5_000), { higher }).baseMs).toBeCloseTo(50_000, 3)
    expect(predict(new PredictedWait(), levels(5_000), { higher, rank: 0 }).baseMs).toBe(5_000)
  })

  it('is corrected by how such predictions came out, each priority by its own, within bounds', () => {
    const prediction = new PredictedWait()
    for (let call = 0; call < 500; call++) prediction.granted(1, 1_000, 2_000)
    for (let call = 0; call < 500; call++) prediction.granted(2, 1_000, 1_000_000)
    const expected = ([0, 1, 2] as const).map((rank) =>
      Math.round(predict(prediction, levels(1_000), { rank }).expectedMs),
    )
    expect(expected).toEqual([1_000, 2_000, 10_000])
  })

  it('learns nothing from one that was predicted as none', () => {
    const prediction = new PredictedWait()
    prediction.granted(1, 0, 10_000)
    expect(predict(prediction, levels(1_000)).expectedMs).toBe(1_000)
  })

  it('for a slot goes by how long they are held', () => {
    const prediction = new PredictedWait()
    expect(predict(prediction, levels(0, 0), { calls: 3 }).leastMs).toBe(1)
    prediction.held(4_000)
    // Four with oneself, of which two go at once.
    expect(predict(prediction, levels(0, 0), { calls: 3 }).leastMs).toBe(8_000)
    expect(predict(prediction, levels(0, 2), { calls: 1 }).leastMs).toBe(0)
    prediction.held(6_000)
    // A twentieth of the way.
    expect(predict(prediction, levels(0, 0), { calls: 1 }).leastMs).toBe(4_100)
  })
})

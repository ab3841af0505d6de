import { describe, expect, it } from 'vitest'
import { budgetEntries, budgetLines } from './budget-lines.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const bucketOf = (...entries: Parameters<typeof budgetLines>[1]) =>
  budgetLines('budget:tenant=a', entries).map(({ bucket }) => bucket)

describe('a budget as it is written', () => {
  it('short, is the limits of a minute and a day, and an amount for each unit of its period', () => {
    const written = {
      per: 'tenant',
      rpm: 1,
      concurrency: 2,
      requests: 3,
      tokens: 4,
      inputTokens: 5,
      outputTokens: 6,
      usd: 7,
      every: 'month',
      timeZone: 'Europe/Berlin',
    } as const
    const period = { every: 'month', timeZone: 'Europe/Berlin' }
    expect(budgetEntries(written)).toEqual([
      { unit: 'requests', amount: 1, perMs: MINUTE },
      { unit: 'slots', amount: 2 },
      { unit: 'requests', amount: 3, ...period },
      { unit: 'tokens', amount: 4, ...period },
      { unit: 'input', amount: 5, ...period },
      { unit: 'output', amount: 6, ...period },
      { unit: 'usd', amount: 7, ...period },
    ])
    expect(budgetEntries({ per: 'run', tokens: 4 })).toEqual([{ unit: 'tokens', amount: 4 }])
    expect(budgetEntries({ per: 'user', tokens: 4, every: 'day', rolling: true })).toEqual([
      { unit: 'tokens', amount: 4, every: 'day', rolling: true },
    ])
  })

  it('in full, is taken as it is', () => {
    const limits = [{ unit: 'tokens', amount: 1, perMs: 1_000 }] as const
    expect(budgetEntries({ per: 'user', limits })).toBe(limits)
  })
})

describe('what a budget is counted in', () => {
  it('is a window of ours: no guard, a beginning that is known, and few steps', () => {
    expect(bucketOf({ unit: 'tokens', amount: 5, perMs: MINUTE })).toEqual([
      {
        key: 'budget:tenant=a:tokens:60000',
        algorithm: 'sliding-window',
        capacity: 5,
        perMs: MINUTE,
        guardMs: 0,
        phaseMs: 0,
        steps: 60,
        forgettable: true,
        estimated: true,
      },
    ])
  })

  it('is a quota of a period of the calendar, named by its time zone where that is not UTC', () => {
    expect(
      bucketOf(
        { unit: 'tokens', amount: 5, every: 'month' },
        { unit: 'tokens', amount: 6, every: 'day', timeZone: 'Asia/Tokyo' },
        { unit: 'requests', amount: 7, every: 'week', timeZone: 'UTC' },
      ),
    ).toEqual([
      {
        key: 'budget:tenant=a:tokens:month',
        algorithm: 'quota',
        capacity: 5,
        perMs: 30 * DAY,
        calendar: { every: 'month', timeZone: 'UTC' },
        forgettable: true,
        estimated: true,
      },
      {
        key: 'budget:tenant=a:tokens:day@Asia/Tokyo',
        algorithm: 'quota',
        capacity: 6,
        perMs: DAY,
        calendar: { every: 'day', timeZone: 'Asia/Tokyo' },
        forgettable: true,
        estimated: true,
      },
      {
        key: 'budget:tenant=a:requests:week',
        algorithm: 'quota',
        capacity: 7,
        perMs: 7 * DAY,
        calendar: { every: 'week', timeZone: 'UTC' },
        forgettable: true,
      },
    ])
  })

  it('is a quota that never starts anew, without a period', () => {
    expect(bucketOf({ unit: 'tokens', amount: 5 })).toEqual([
      {
        key: 'budget:tenant=a:tokens:total',
        algorithm: 'quota',
        capacity: 5,
        perMs: Infinity,
        forgettable: true,
        estimated: true,
      },
    ])
  })

  it.each([
    ['second', 1_000],
    ['minute', MINUTE],
    ['hour', 60 * MINUTE],
    ['day', DAY],
    ['week', 7 * DAY],
    ['month', 30 * DAY],
  ] as const)('is a window of a %s, where it rolls', (every, perMs) => {
    expect(bucketOf({ unit: 'tokens', amount: 5, every, rolling: true })).toMatchObject([
      { key: `budget:tenant=a:tokens:${perMs}`, algorithm: 'sliding-window', perMs, steps: 60 },
    ])
    expect(bucketOf({ unit: 'tokens', amount: 5, every, rolling: false })).toMatchObject([
      { algorithm: 'quota' },
    ])
  })

  it('is billionths of a dollar, whichever way it is written', () => {
    const lines = budgetLines('o', [
      { unit: 'usd', amount: 0.5, every: 'month' },
      { unit: 'usd', amount: 2, perMs: MINUTE },
      { unit: 'usd', amount: 2, perMs: MINUTE, algorithm: 'token-bucket', burst: 3 },
      { unit: 'usd', amount: 1, every: 'day', rolling: true },
    ])
    expect(lines.map(({ unit, bucket }) => [unit, bucket.capacity, bucket.amount])).toEqual([
      ['usd', 0.5e9, undefined],
      ['usd', 2e9, undefined],
      ['usd', 3e9, 2e9],
      ['usd', 1e9, undefined],
    ])
    expect(lines.map(({ bucket }) => bucket.key)).toEqual([
      'o:usd:month',
      'o:usd:60000',
      'o:usd:60000',
      'o:usd:86400000',
    ])
    expect(lines.every(({ budget }) => budget)).toBe(true)
  })

  it('is slots, for calls at once', () => {
    expect(bucketOf({ unit: 'slots', amount: 2 })).toMatchObject([
      { key: 'budget:tenant=a:slots', algorithm: 'slots', capacity: 2, forgettable: true },
    ])
  })
})

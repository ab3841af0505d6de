import { describe, expect, it } from 'vitest'
import { reservedOf, settledOf } from './charging.ts'
import type { MayUse, Used } from './charging.ts'
import type { Charging } from './profile.ts'
import type { ChargingRule } from './provider-profile.ts'

const PLAIN: Charging = {
  rule: 'actual',
  cacheReadsFree: false,
  outputFree: false,
  burnDown: 1,
  maxOutputTokens: undefined,
}
const CALL: MayUse = { input: 100, maxOutput: 40, likelyOutput: 25 }
const USED: Used = { input: 90, cacheRead: 0, output: 10, maxOutput: 40, exact: true }

/** Of limits on tokens, input and output. */
function reserve(charging: Partial<Charging>, call: Partial<MayUse> = {}) {
  return (['tokens', 'input', 'output'] as const).map((unit) =>
    reservedOf(unit, { ...PLAIN, ...charging }, { ...CALL, ...call }),
  )
}

function settle(charging: Partial<Charging>, used: Partial<Used> = {}) {
  return (['tokens', 'input', 'output'] as const).map((unit) =>
    settledOf(unit, { ...PLAIN, ...charging }, { ...USED, ...used }),
  )
}

const BURN = 'reserve-with-max-settle-with-burn-down'

describe('a provider takes, when it lets a call in', () => {
  it.each<[string, ChargingRule, number[], number[]]>([
    ['the larger of prompt and `max_tokens`', 'max', [100, 100, 40], [200, 100, 200]],
    ['prompt and `max_tokens`', 'sum', [140, 100, 40], [300, 100, 200]],
    ['the prompt, and of output what is likely', 'input-then-live-output', [125, 100, 25], [125, 100, 25]],
    ['prompt and `max_tokens`, not burnt down', BURN, [140, 100, 40], [300, 100, 200]],
    ['what a slot may come to', 'slot', [140, 100, 40], [300, 100, 200]],
    ['what may really be used', 'actual', [140, 100, 40], [300, 100, 200]],
  ])('%s', (_what, rule, small, large) => {
    expect(reserve({ rule, burnDown: 5 })).toEqual(small)
    expect(reserve({ rule, burnDown: 5 }, { maxOutput: 200 })).toEqual(large)
  })

  it.each<[ChargingRule, number[]]>([
    ['max', [100, 100, 25]],
    ['sum', [125, 100, 25]],
    ['input-then-live-output', [125, 100, 25]],
    [BURN, [1_100, 100, 1_000]],
    ['slot', [125, 100, 25]],
    ['actual', [125, 100, 25]],
  ])('under %s, without `max_tokens`: its own maximum only where it takes that', (rule, expected) => {
    expect(reserve({ rule, maxOutputTokens: 1_000 }, { maxOutput: undefined })).toEqual(expected)
  })

  it('what is likely, where it takes a maximum that is not known', () => {
    expect(reserve({ rule: BURN }, { maxOutput: undefined })).toEqual([125, 100, 25])
  })

  it('no more live output than was asked for', () => {
    expect(reserve({ rule: 'input-then-live-output' }, { maxOutput: 7 })).toEqual([107, 100, 7])
    expect(reserve({ rule: 'input-then-live-output' }, { maxOutput: 0 })).toEqual([100, 100, 0])
  })

  it('input alone, where limits on tokens are of input', () => {
    for (const rule of ['max', 'sum', 'actual', BURN] as const)
      expect(reserve({ rule, outputFree: true }, { maxOutput: 500 })).toEqual([100, 100, 500])
  })

  it('cached tokens with the others: it is only known afterwards that they were', () => {
    expect(reserve({ cacheReadsFree: true })).toEqual([140, 100, 40])
  })
})

describe('it comes to', () => {
  it.each<[string, ChargingRule, number[]]>([
    ['the larger of the two, kept', 'max', [90, 90, 10]],
    ['both, kept', 'sum', [130, 90, 10]],
    ['what was used, where output is live', 'input-then-live-output', [100, 90, 10]],
    ['what was used, output burnt down', BURN, [140, 90, 10]],
    ['what was used, where slots count', 'slot', [100, 90, 10]],
    ['what was used', 'actual', [100, 90, 10]],
  ])('%s', (_what, rule, expected) => {
    expect(settle({ rule, burnDown: 5 })).toEqual(expected)
  })

  it.each<[ChargingRule, number[]]>([
    ['max', [600, 90, 600]],
    ['sum', [690, 90, 600]],
    ['input-then-live-output', [690, 90, 600]],
    [BURN, [3_090, 90, 600]],
    ['actual', [690, 90, 600]],
  ])('more than was reserved where more was used, under %s', (rule, expected) => {
    expect(settle({ rule, burnDown: 5 }, { output: 600 })).toEqual(expected)
  })

  it('what was used, where `max_tokens` was not set', () => {
    expect(settle({ rule: 'sum' }, { maxOutput: undefined })).toEqual([100, 90, 10])
    expect(settle({ rule: 'max' }, { maxOutput: undefined, input: 5 })).toEqual([10, 5, 10])
  })

  it('whole tokens, burnt down by a fraction', () => {
    expect(settle({ rule: BURN, burnDown: 1.25 }, { output: 3 })[0]).toBe(94)
  })

  it('no burning down of what an answer that broke may at least have come to', () => {
    expect(settle({ rule: BURN, burnDown: 5 }, { exact: false, output: 40 })).toEqual([130, 90, 40])
    expect(settle({ rule: 'sum' }, { exact: false })).toEqual([130, 90, 10])
  })

  it('input less cache reads, where those are free: of all limits, or of those on input', () => {
    const cached = { cacheRead: 80 }
    expect(settle({}, cached)).toEqual([100, 90, 10])
    expect(settle({ cacheReadsFree: true }, cached)).toEqual([20, 10, 10])
    expect(settle({ cacheReadsFree: 'input' }, cached)).toEqual([100, 10, 10])
    expect(settle({ cacheReadsFree: true, rule: 'sum' }, cached)).toEqual([50, 10, 10])
    expect(settle({ cacheReadsFree: true, rule: 'max' }, cached)).toEqual([40, 10, 10])
    expect(settle({ cacheReadsFree: true, rule: BURN, burnDown: 5 }, cached)).toEqual([60, 10, 10])
  })

  it('never less than nothing, however much was read from the cache', () => {
    expect(settle({ cacheReadsFree: true }, { cacheRead: 500 })).toEqual([10, 0, 10])
  })

  it('input alone, where limits on tokens are of input', () => {
    for (const rule of ['max', 'sum', 'actual', BURN] as const)
      expect(settle({ rule, outputFree: true, burnDown: 5 })).toEqual([90, 90, 10])
    expect(settle({ outputFree: true, cacheReadsFree: 'input' }, { cacheRead: 30 })).toEqual([90, 60, 10])
  })
})

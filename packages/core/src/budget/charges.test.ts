import { describe, expect, it } from 'vitest'
import type { Usage } from '../call/usage.ts'
import { anthropic } from '../providers/anthropic.ts'
import { bedrock } from '../providers/bedrock.ts'
import { generic } from '../providers/generic.ts'
import { openai } from '../providers/openai.ts'
import { defineProvider } from '../providers/define.ts'
import { google } from '../providers/google.ts'
import type { Profile } from '../providers/profile.ts'
import type { Price } from '../tokens/price.ts'
import { chargePlan, failedAmounts, reserveAmounts, settleAmounts } from './charges.ts'
import type { Estimate } from './charges.ts'
import { budgetLines } from './budget-lines.ts'
import { limitLines } from './limit-lines.ts'

const MINUTE = 60_000
const ENTRIES = (['requests', 'tokens', 'input', 'output'] as const).map((unit) => ({
  unit,
  amount: 1_000,
  perMs: MINUTE,
}))
const largest = defineProvider({ id: 'largest', charging: 'max' })
const MODEL = { model: 'model', price: undefined }

/** Each unit as the provider's limit, a slot, and each unit as a budget of ours. */
function planOf(profile: Profile) {
  const limits = limitLines('t', [...ENTRIES, { unit: 'slots', amount: 2 }], profile)
  return chargePlan(limits, budgetLines('budget:b', ENTRIES))
}

const CALL: Estimate = { inputTokens: 100, maxOutputTokens: 40, outputTokens: 25 }
const UNBOUNDED = { maxOutputTokens: undefined }

function reserved(profile: Profile, estimate: Partial<Estimate> = {}, countRequest = true) {
  return reserveAmounts(planOf(profile), { ...MODEL, profile }, { ...CALL, ...estimate }, countRequest)
}

function settled(profile: Profile, usage: Usage, estimate: Partial<Estimate> = {}) {
  const { maxOutputTokens } = { ...CALL, ...estimate }
  return settleAmounts(
    planOf(profile),
    { ...MODEL, profile },
    {
      reserved: reserved(profile, estimate),
      usage,
      maxOutputTokens,
    },
  )
}

describe('what is reserved', () => {
  it.each([
    ['the sum of prompt and `max_tokens`', openai, 140],
    ['the larger of the two', largest, 100],
    ['what may really be used', generic, 140],
  ])('of a limit of tokens is %s, as its provider has it; a budget counts both', (_what, profile, tokens) => {
    expect(reserved(profile)).toEqual([1, tokens, 100, 40, 1, 1, 140, 100, 40])
  })

  it('is the expected output where the request sets no maximum', () => {
    expect(reserved(generic, UNBOUNDED)).toEqual([1, 125, 100, 25, 1, 1, 125, 100, 25])
  })

  it('is whole', () => {
    expect(reserved(generic, { ...UNBOUNDED, inputTokens: 10.2, outputTokens: 3.5 })).toEqual([
      1, 15, 11, 4, 1, 1, 15, 11, 4,
    ])
  })

  it('counts a call in budgets once, and in limits with each attempt', () => {
    const again = reserved(openai, {}, false)
    expect([again[0], again[5]]).toEqual([1, 0])
  })
})

describe('what it comes to', () => {
  const usage = { inputTokens: 90, outputTokens: 10 }

  it.each([
    ['keeps `max_tokens` beside the prompt', openai, 130],
    ['keeps the larger of the two', largest, 90],
    ['counts what was used', generic, 100],
  ])('of tokens: a provider that %s; a budget counts what was used', (_what, profile, tokens) => {
    expect(settled(profile, usage)).toEqual([1, tokens, 90, 10, 1, 1, 100, 90, 10])
  })

  it('is what was used where no `max_tokens` was set', () => {
    expect(settled(openai, usage, UNBOUNDED)[1]).toBe(100)
    expect(settled(largest, usage, UNBOUNDED)[1]).toBe(90)
  })

  it('is more than was reserved where more was used', () => {
    expect(settled(openai, { inputTokens: 500, outputTokens: 60 })).toEqual([
      1, 560, 500, 60, 1, 1, 560, 500, 60,
    ])
    expect(settled(largest, { inputTokens: 50, outputTokens: 600 })[1]).toBe(600)
  })

  it('is without cache reads where they are free of the limit; budgets count them', () => {
    const cached = { inputTokens: 90, outputTokens: 10, cacheReadTokens: 80 }
    expect(settled(anthropic, cached)).toEqual([1, 20, 10, 10, 1, 1, 100, 90, 10])
    expect(settled(generic, cached)[2]).toBe(90)
    expect(settled(anthropic, { ...cached, cacheReadTokens: 500 })[2]).toBe(0)
  })

  it('stays as it was reserved where it is not known', () => {
    expect(settled(generic, {})).toEqual(reserved(generic))
  })

  it('of an embedding, which has no output, is its input', () => {
    expect(settled(generic, { inputTokens: 90 }, UNBOUNDED)).toEqual([1, 90, 90, 0, 1, 1, 90, 90, 0])
  })

  it('is whole', () => {
    expect(settled(generic, { inputTokens: 0.5, outputTokens: 0.1 })[1]).toBe(2)
  })
})

describe('a provider’s own way of charging', () => {
  const model = 'anthropic.claude-sonnet-4-5-v1:0'
  const claude = { model, profile: bedrock, price: undefined }

  it('is of the limits alone, and by the model', () => {
    const estimate = { ...CALL, maxOutputTokens: undefined }
    const held = reserveAmounts(planOf(bedrock), claude, estimate, true)
    // The model's maximum is more than any of these holds: it takes all there is.
    expect(held).toEqual([1, 1_000, 100, 1_000, 1, 1, 125, 100, 25])
    const usage = { inputTokens: 90, outputTokens: 10, cacheReadTokens: 80 }
    expect(
      settleAmounts(planOf(bedrock), claude, { reserved: held, usage, maxOutputTokens: undefined }),
    ).toEqual([1, 60, 10, 10, 1, 1, 100, 90, 10])
  })

  it('burns down only what is known: of an answer that broke no more than was reserved', () => {
    const settle = (certainty: 'exact' | 'at-least') =>
      settleAmounts(planOf(bedrock), claude, {
        reserved: [],
        usage: { inputTokens: 100, outputTokens: 40 },
        maxOutputTokens: 40,
        certainty,
      }).filter((amount) => amount !== undefined)
    expect([settle('exact')[0], settle('at-least')[0]]).toEqual([300, 140])
  })

  it('may leave output out, of reservations and settlements', () => {
    expect(reserved(google)).toEqual([1, 100, 100, 40, 1, 1, 140, 100, 40])
    expect(settled(google, { inputTokens: 90, outputTokens: 10 })).toEqual([1, 90, 90, 10, 1, 1, 100, 90, 10])
  })

  it('keeps whole tokens, of cache reads too', () => {
    expect(settled(anthropic, { inputTokens: 90, outputTokens: 1, cacheReadTokens: 10.9 })[2]).toBe(80)
  })
})

describe('a call that fits but for a margin of ours', () => {
  const plan = (amount: number, unit: 'tokens' | 'input' | 'output' = 'tokens') =>
    chargePlan(limitLines('t', [{ unit, amount, perMs: MINUTE }], generic), [])
  const amounts = (amount: number, estimate: Partial<Estimate>, unit?: 'tokens' | 'input' | 'output') =>
    reserveAmounts(plan(amount, unit), { ...MODEL, profile: generic }, { ...CALL, ...estimate }, true)

  it('takes all of the bucket, whole', () => {
    const likely = { inputTokens: 100, likelyInputTokens: 90 }
    expect([
      amounts(140, likely),
      amounts(139.5, likely),
      amounts(130, likely),
      amounts(129, likely),
    ]).toEqual([[140], [139], [130], [140]])
    expect([amounts(90, likely, 'input'), amounts(89, likely, 'input')]).toEqual([[90], [100]])
  })

  it('is not held to an output that nobody asked for', () => {
    expect([amounts(100, UNBOUNDED), amounts(99, UNBOUNDED), amounts(5, UNBOUNDED, 'output')]).toEqual([
      [100],
      [125],
      [5],
    ])
    expect(amounts(39, {}, 'output')).toEqual([40])
  })

  it('is refused where its input is counted and does not fit', () => {
    expect(amounts(99, { inputTokens: 100 }, 'input')).toEqual([100])
  })
})

describe('a budget that counts money', () => {
  const plan = chargePlan([], budgetLines('budget:b', [{ unit: 'usd', amount: 5, every: 'month' }]))
  const price = { input: 1, output: 2, multipliers: { flex: 0.5 } }
  const amounts = (of: Price | undefined, usage: Usage) => {
    const rates = { ...MODEL, profile: bedrock, price: of }
    const held = reserveAmounts(plan, rates, CALL, true)
    return [held, settleAmounts(plan, rates, { reserved: held, usage, maxOutputTokens: 40 })]
  }

  it('is held to what the call may cost, and charged what it did, in billionths of a dollar', () => {
    expect(amounts(price, { inputTokens: 90, outputTokens: 10 })).toEqual([[180_000], [110_000]])
    expect(amounts(price, { inputTokens: 90, outputTokens: 10, serviceTier: 'flex' })).toEqual([
      [180_000],
      [55_000],
    ])
  })

  it('counts nothing where nobody knows the price', () => {
    expect(amounts(undefined, { inputTokens: 90, outputTokens: 10 })).toEqual([[0], [0]])
  })
})

describe('what an attempt comes to that was turned away', () => {
  it('is what its limits may have counted, and nothing of a budget but the call', () => {
    expect(failedAmounts(planOf(openai), reserved(openai), false)).toEqual([1, 140, 100, 40, 1, 1, 0, 0, 0])
  })

  it('by a rate limit is the request, and no tokens', () => {
    expect(failedAmounts(planOf(openai), reserved(openai), true)).toEqual([1, 0, 0, 0, 1, 1, 0, 0, 0])
  })
})

it('a plan of nothing but the pool’s is the pool’s', () => {
  const pool = limitLines('t', ENTRIES, openai)
  expect(chargePlan(pool, []).lines).toBe(pool)
})

it('a plan puts the pool first: only a lack there may hold up others', () => {
  const plan = planOf(openai)
  expect([
    plan.claimable,
    plan.slotKeys,
    plan.keys.slice(5).every((key) => key.startsWith('budget:')),
  ]).toEqual([5, ['t:slots'], true])
})

it('output that is counted as it is generated is reserved as it usually is, and never above what was asked for', () => {
  const lines = limitLines('t', [{ unit: 'output', amount: 10_000, perMs: 60_000 }], anthropic)
  const reserve = (maxOutputTokens: number | undefined) =>
    reserveAmounts(
      chargePlan(lines, []),
      { ...MODEL, profile: anthropic },
      { inputTokens: 1, maxOutputTokens, outputTokens: 300 },
      true,
    )
  expect([reserve(4_096), reserve(100), reserve(undefined)]).toEqual([[300], [100], [300]])
})

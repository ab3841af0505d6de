import type { Usage } from '../call/usage.ts'
import { reservedOf, settledOf } from '../providers/charging.ts'
import type { MayUse, TokenUnit, Used } from '../providers/charging.ts'
import type { Charging, Unit } from '../providers/profile.ts'
import type { Bucket } from '../store/port.ts'
import { costNanoUsd } from '../tokens/price.ts'
import type { Price } from '../tokens/price.ts'

/** One limit or budget that applies to a call. */
export interface ChargeLine {
  /** Replaced when a header tells another capacity. */
  bucket: Bucket
  /** `usd` counts billionths of a dollar. */
  readonly unit: Unit | 'slots' | 'usd'
  /** A budget of ours, which counts what was used; a limit counts as its provider does. */
  readonly budget: boolean
  /** It counts requests, those too that are answered without being sent. */
  readonly countHits?: true
  /** The window that its provider writes it for, where it is counted in another; it may be enforced in slices of it. */
  readonly written?: { readonly perMs: number; readonly sliceMs?: number }
}

/** Everything one attempt is charged to. The same object for all calls of a target that no budget applies to. */
export interface ChargePlan {
  readonly lines: readonly ChargeLine[]
  readonly buckets: readonly Bucket[]
  readonly keys: readonly string[]
  readonly slotKeys: readonly string[]
  /** How many, from the first, belong to the pool: only a lack of these may hold up others. */
  readonly claimable: number
}

export interface Charges {
  readonly plan: ChargePlan
  readonly amounts: readonly number[]
}

/** By what a target's calls are counted. */
export interface Rates {
  readonly model: string
  readonly profile: { charges(model: string): Charging }
  /** Absent where nobody knows it: then money budgets count nothing, if they let the call in at all. */
  readonly price: Price | undefined
}

/** What is known of a call before it is made. */
export interface Estimate {
  /** What to reserve for the input, a margin for what is not known of its provider's counting included. */
  readonly inputTokens: number
  /** What the input probably comes to. @defaultValue `inputTokens` */
  readonly likelyInputTokens?: number
  /** What it may at most produce, where the request says so. */
  readonly maxOutputTokens: number | undefined
  /** What it will probably produce. */
  readonly outputTokens: number
}

export function chargePlan(pool: readonly ChargeLine[], own: readonly ChargeLine[]): ChargePlan {
  const lines = own.length === 0 ? pool : [...pool, ...own]
  return {
    lines,
    buckets: lines.map(({ bucket }) => bucket),
    keys: lines.map(({ bucket }) => bucket.key),
    slotKeys: lines.filter(({ unit }) => unit === 'slots').map(({ bucket }) => bucket.key),
    claimable: pool.length,
  }
}

/**
 * What to hold until the usage is known. `requests` of budgets is 0 once the call has been counted.
 *
 * A call that fits a bucket but for a margin of ours takes all of the bucket: it is never refused for what is only a guess.
 */
export function reserveAmounts(
  plan: ChargePlan,
  { profile, model, price }: Rates,
  estimate: Estimate,
  countRequest: boolean,
): number[] {
  // Whole tokens: fractions added and taken away would leave a rest that never goes.
  const maxOutput = estimate.maxOutputTokens && Math.ceil(estimate.maxOutputTokens)
  const call: MayUse = {
    input: Math.ceil(estimate.inputTokens),
    maxOutput,
    likelyOutput: Math.ceil(estimate.outputTokens),
  }
  const rates = { charging: profile.charges(model), price, countRequest }
  // Mapped, since an array that grows keeps room for more, in each of what may be a million waiters.
  return plan.lines.map((line) => {
    const { capacity } = line.bucket
    const amount = amountOf(line, rates, call)
    if (amount <= capacity) return amount
    const input = Math.ceil(estimate.likelyInputTokens ?? estimate.inputTokens)
    const least = amountOf(line, rates, { ...call, input, maxOutput: maxOutput ?? 0 })
    return least <= capacity ? Math.floor(capacity) : amount
  })
}

function amountOf(
  { unit, budget }: ChargeLine,
  { charging, price, countRequest }: { charging: Charging; price: Price | undefined; countRequest: boolean },
  call: MayUse,
): number {
  if (unit === 'slots') return 1
  if (unit === 'requests') return budget && !countRequest ? 0 : 1
  const { input, maxOutput, likelyOutput } = call
  const output = maxOutput ?? likelyOutput
  if (unit === 'usd') return nanoUsd(price, { inputTokens: input, outputTokens: output })
  return budget ? usedOf(unit, input, output) : reservedOf(unit, charging, call)
}

/**
 * What the reservation comes to, now that the usage is known. What is not known stays as it was reserved.
 *
 * @param certainty `at-least` of an answer that broke: its usage is then a floor
 */
export function settleAmounts(
  plan: ChargePlan,
  { profile, model, price }: Rates,
  {
    reserved,
    usage,
    maxOutputTokens,
    certainty = 'exact',
  }: {
    reserved: readonly number[]
    usage: Usage
    maxOutputTokens: number | undefined
    certainty?: 'exact' | 'at-least'
  },
): number[] {
  if (usage.inputTokens === undefined) return [...reserved]
  const used: Used = {
    input: Math.ceil(usage.inputTokens),
    cacheRead: Math.floor(usage.cacheReadTokens ?? 0),
    output: Math.ceil(usage.outputTokens ?? 0),
    maxOutput: maxOutputTokens && Math.ceil(maxOutputTokens),
    exact: certainty === 'exact',
  }
  const charging = profile.charges(model)
  return plan.lines.map(({ unit, budget }, index) => {
    if (unit === 'slots' || unit === 'requests') return reserved[index]!
    // A service tier whose price is not known is held at what it was taken for.
    if (unit === 'usd') return price === undefined ? 0 : (costNanoUsd(price, usage) ?? reserved[index]!)
    return budget ? usedOf(unit, used.input, used.output) : settledOf(unit, charging, used)
  })
}

/** What a budget counts: what was used, whatever a provider makes of it. */
function usedOf(unit: TokenUnit, input: number, output: number): number {
  if (unit === 'input') return input
  return unit === 'output' ? output : input + output
}

/**
 * What an attempt comes to that the provider turned away with an error. Its limits keep what may have been counted,
 * except the tokens of a rate-limited call, which a provider that refused it did not take; budgets pay for nothing.
 */
export function failedAmounts(plan: ChargePlan, reserved: readonly number[], rateLimited: boolean): number[] {
  return plan.lines.map(({ unit, budget }, index) => {
    if (unit === 'slots' || unit === 'requests') return reserved[index]!
    return budget || rateLimited ? 0 : reserved[index]!
  })
}

function nanoUsd(price: Price | undefined, usage: Usage): number {
  return (price && costNanoUsd(price, usage)) ?? 0
}
